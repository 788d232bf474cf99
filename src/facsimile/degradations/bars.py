"""Shadows of bars: a blind, a fence, a window's frame."""

import numpy as np

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class Bars:
    """Darkens parallel stripes.

    Args:
        spacing: From one bar to the next, a part of the image's longer side, drawn uniformly.
        width: The part of that which lies in the shadow, 0 to 1, likewise.
        factor: What lies in the shadow is multiplied by this, likewise.
        angle: Of the bars, degrees, likewise; 0 is level.
        softness: Of the edges, a part of the spacing, likewise.
    """

    def __init__(
        self,
        spacing: Range,
        width: Range = (0.4, 0.6),
        factor: Range = (0.3, 0.6),
        angle: Range = (0.0, 180.0),
        softness: Range = (0.02, 0.1),
    ) -> None:
        self.spacing, self.width = span(spacing, 1e-3), span(width, 0, 1)
        self.factor = span(factor, 0, 1)
        self.angle, self.softness = span(angle, -360, 360), span(softness, 1e-3, 1)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image with the stripes on it."""
        white(image)
        spacing = rng.uniform(*self.spacing) * max(image.shape[:2])
        width, factor = rng.uniform(*self.width), rng.uniform(*self.factor)
        turn, softness = np.deg2rad(rng.uniform(*self.angle)), rng.uniform(*self.softness)
        rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
        along = (rows * np.cos(turn) + columns * np.sin(turn)) / spacing + rng.uniform()
        from_middle = np.abs(along % 1 - 0.5)
        covered = np.clip((width / 2 - from_middle) / softness + 0.5, 0, 1)
        light = (1 - covered * (1 - factor)).astype(np.float32)
        return like(image, image * light[..., None])
