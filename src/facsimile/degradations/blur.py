"""Gaussian blur."""

import albumentations

from facsimile.degradations.albumentation import Albumentation
from facsimile.degradations.ranges import Range, span


class Blur(Albumentation):
    """Blurs with a Gaussian whose sigma (pixels) is drawn uniformly from a range."""

    def __init__(self, sigma: Range) -> None:
        super().__init__(
            albumentations.GaussianBlur(blur_limit=0, sigma_limit=span(sigma, 0), p=1.0)
        )
