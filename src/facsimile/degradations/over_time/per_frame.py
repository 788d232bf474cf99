"""A degradation of images, applied to every frame with strengths that change over time."""

from collections.abc import Callable, Mapping

import numpy as np

from facsimile.degradations.over_time.protocol import Course, FrameDegradation
from facsimile.degradations.protocol import Degradation, Image

_CLOCK = 10**6  # times are told apart to a microsecond


class PerFrame:
    """Makes a degradation of images one of clips.

    Args:
        degradation: Called with the courses' values, it gives the degradation of a frame.
        courses: Arguments that change over time, by name.
        fresh: Whether the rest of what it draws is drawn anew for each frame, as grain is; else
            once for the clip, as the colour of a lamp is.
    """

    def __init__(
        self,
        degradation: Callable[..., Degradation],
        courses: Mapping[str, Course],
        fresh: bool = False,
    ) -> None:
        self.degradation, self.courses, self.fresh = degradation, dict(courses), fresh

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the courses, and what the frames' own draws follow from."""
        values = {name: course.drawn(rng) for name, course in self.courses.items()}
        key = int(rng.integers(2**32))

        def degrade(image: Image, time: float) -> Image:
            moment = [key, round(time * _CLOCK)] if self.fresh else key
            degradation = self.degradation(**{name: at(time) for name, at in values.items()})
            return degradation(image, np.random.default_rng(moment))

        return degrade
