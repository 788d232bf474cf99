"""Degradations one after another."""

from collections.abc import Sequence

import numpy as np

from facsimile.degradations.depth import white
from facsimile.degradations.protocol import Degradation, Image


class Chain:
    """Applies every degradation in the order given; an empty chain copies the image.

    >>> image = np.full((4, 4, 3), 7, np.uint8)
    >>> bool((Chain([])(image, np.random.default_rng(0)) == image).all())
    True
    """

    def __init__(self, degradations: Sequence[Degradation]) -> None:
        self.degradations = tuple(degradations)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image after the last degradation."""
        white(image)
        degraded = image.copy()
        for degrade in self.degradations:
            degraded = degrade(degraded, rng)
        return degraded
