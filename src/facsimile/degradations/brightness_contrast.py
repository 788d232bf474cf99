"""Another exposure."""

import numpy as np

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class BrightnessContrast:
    """Changes contrast and brightness: out = contrast * in + brightness, in 0..1.

    Both are drawn uniformly; what leaves 0..1 is cut off.
    """

    def __init__(self, brightness: Range, contrast: Range = 1.0) -> None:
        self.brightness, self.contrast = span(brightness, -1, 1), span(contrast, 0)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image as another exposure shows it."""
        top = white(image)
        contrast, brightness = rng.uniform(*self.contrast), rng.uniform(*self.brightness)
        return like(image, image * np.float32(contrast) + np.float32(brightness * top))
