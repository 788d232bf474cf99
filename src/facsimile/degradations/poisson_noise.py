"""Poisson (shot) noise."""

import albumentations

from facsimile.degradations.albumentation import Albumentation
from facsimile.degradations.ranges import Range, span


class PoissonNoise(Albumentation):
    """Counts photons: each value becomes a Poisson draw, in linear light (gamma 2.2).

    `photons` is the mean count of a white pixel, 1 or more; the fewer, the noisier. What is
    drawn uniformly, between the two ends, is its reciprocal, the variance that white would have.
    """

    def __init__(self, photons: Range) -> None:
        fewest, most = span(photons, 1)
        super().__init__(albumentations.ShotNoise(scale_range=(1 / most, 1 / fewest), p=1.0))
