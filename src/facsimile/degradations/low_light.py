"""Low light."""

import numpy as np

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class LowLight:
    """Darkens: out = gain * in ** gamma, in 0..1; the noise of such pictures is to be added.

    Both are drawn uniformly. Source: Lv, Li and Lu 2021 (arXiv:1908.00682), equation 1, whose
    beta * alpha ** gamma is the gain; they draw gamma of 1.5 to 5 and beta of 0.5 to 1.
    """

    def __init__(self, gamma: Range, gain: Range = 1.0) -> None:
        self.gamma, self.gain = span(gamma, 1), span(gain, 0, 1)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the darkened image."""
        top = white(image)
        gamma, gain = rng.uniform(*self.gamma), rng.uniform(*self.gain)
        light = np.power(image / np.float32(top), np.float32(gamma))
        return like(image, light * np.float32(gain * top))
