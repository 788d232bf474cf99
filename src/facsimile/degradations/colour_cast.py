"""A colour cast."""

import numpy as np

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class ColourCast:
    """Multiplies the channels by gains of a random hue, as a wrong white balance does.

    The gains' geometric mean is 1. `strength` is the length of their logarithms' vector, drawn
    uniformly: at 0.3, one channel's gain may be 0.78 to 1.28. Source: the diagonal (von Kries)
    model of illuminants; gains on gamma-encoded values are those in linear light to the power
    of 1 / 2.2.
    """

    def __init__(self, strength: Range) -> None:
        self.strength = span(strength, 0)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the tinted image."""
        white(image)
        hue = rng.uniform(0, 2 * np.pi) + np.arange(3) * 2 * np.pi / 3
        gains = np.exp(rng.uniform(*self.strength) * np.sqrt(2 / 3) * np.cos(hue))
        return like(image, image * gains.astype(np.float32))
