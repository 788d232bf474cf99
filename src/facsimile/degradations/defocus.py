"""Defocus blur."""

import cv2
import numpy as np
from jaxtyping import Float32

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span

_PARTS = 15  # of a pixel's side; odd, so that the middle is one of the points


class Defocus:
    """Averages over a disc, the image of a point that a round aperture leaves out of focus.

    The radius (pixels, above 0) is drawn uniformly from its range. (albumentations' Defocus has
    whole radii and, from 8 on, brightens the image by 1 to 3 %.)
    """

    def __init__(self, radius: Range) -> None:
        self.radius = span(radius, 1e-3)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the blurred image."""
        white(image)
        return like(image, cv2.filter2D(image, -1, disc_kernel(rng.uniform(*self.radius))))


def disc_kernel(radius: float) -> Float32[np.ndarray, "k k"]:
    """The part of each pixel that a disc of `radius` covers; the kernel sums to 1.

    >>> disc_kernel(0.4).tolist()
    [[1.0]]
    """
    side = 2 * int(np.ceil(radius - 0.5 - 1e-9)) + 1
    fine = (np.arange(side * _PARTS) + 0.5) / _PARTS - side / 2
    inside = np.hypot(fine[:, None], fine) <= radius
    covered = inside.reshape(side, _PARTS, side, _PARTS).sum(axis=(1, 3))
    return np.asarray(covered / covered.sum(), np.float32)
