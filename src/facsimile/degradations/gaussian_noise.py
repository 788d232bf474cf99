"""Gaussian noise."""

import numpy as np

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class GaussianNoise:
    """Adds independent Gaussian noise, then clips.

    (albumentations' GaussNoise truncates the noise of uint8 images towards 0: of a sigma of 2
    remains 1.6.)

    Args:
        sigma: Standard deviation, in levels of 255, as the field counts it; drawn uniformly.
        per_channel: Whether each channel has its own noise; else it is grey.
    """

    def __init__(self, sigma: Range, per_channel: bool = True) -> None:
        self.sigma, self.per_channel = span(sigma, 0), per_channel

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the noisy image."""
        scale = rng.uniform(*self.sigma) / 255 * white(image)
        shape = (*image.shape[:2], 3 if self.per_channel else 1)
        return like(image, image + np.float32(scale) * rng.standard_normal(shape, np.float32))
