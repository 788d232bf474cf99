"""Degradations of a clip one after another."""

from collections.abc import Sequence

import numpy as np

from facsimile.degradations.depth import white
from facsimile.degradations.over_time.protocol import FrameDegradation, VideoDegradation
from facsimile.degradations.protocol import Image


class VideoChain:
    """Applies every degradation in the order given; an empty chain copies the frame.

    >>> image = np.full((4, 4, 3), 7, np.uint8)
    >>> bool((VideoChain([]).drawn(np.random.default_rng(0))(image, 1.0) == image).all())
    True
    """

    def __init__(self, degradations: Sequence[VideoDegradation]) -> None:
        self.degradations = tuple(degradations)

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw them in turn."""
        return in_turn([one.drawn(rng) for one in self.degradations])


def in_turn(degradations: Sequence[FrameDegradation]) -> FrameDegradation:
    """What was drawn of several degradations, as one."""

    def degrade(image: Image, time: float) -> Image:
        white(image)
        degraded = image.copy()
        for one in degradations:
            degraded = one(degraded, time)
        return degraded

    return degrade
