"""Down- and upscaling: detail lost to a small size."""

from collections.abc import Sequence

import cv2
import numpy as np

from facsimile.degradations.chain import Chain
from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Degradation, Image
from facsimile.degradations.ranges import Range, span

UPSCALING = {
    "nearest": cv2.INTER_NEAREST_EXACT,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
}


class Downscale:
    """Shrinks by averaging areas, degrades further at that size, and enlarges back.

    (albumentations' Downscale has one interpolation, and rounds float images to 256 levels.)

    Args:
        scale: The small size as a part of the large, above 0 to 1, drawn uniformly.
        interpolations: Of enlarging: `nearest`, `bilinear` or `bicubic`, one of them drawn.
        within: What the small image goes through, so that noise and blocks come out enlarged.
    """

    def __init__(
        self,
        scale: Range,
        interpolations: Sequence[str] = ("bilinear", "bicubic"),
        within: Sequence[Degradation] = (),
    ) -> None:
        if not interpolations or not set(interpolations) <= set(UPSCALING):
            raise ValueError(f"interpolations {list(interpolations)} must be of {list(UPSCALING)}")
        self.scale, self.within = span(scale, 1e-3, 1), Chain(within)
        self.interpolations = tuple(interpolations)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image at its own size again."""
        white(image)
        size, scale = image.shape[1::-1], rng.uniform(*self.scale)
        upscaling = self.interpolations[int(rng.integers(len(self.interpolations)))]
        small = [max(1, round(side * scale)) for side in size]
        worse = self.within(cv2.resize(image, small, interpolation=cv2.INTER_AREA), rng)
        return like(image, cv2.resize(worse, size, interpolation=UPSCALING[upscaling]))
