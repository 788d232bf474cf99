"""Blur of a camera that moves."""

import numpy as np

from facsimile.degradations.motion_blur import MotionBlur
from facsimile.degradations.over_time.protocol import Course, FrameDegradation
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span


class CameraMotion:
    """Blurs along the way that the camera goes while its shutter is open.

    Length and direction follow from one velocity, so that the blur grows, turns and vanishes as
    the camera swings; the picture itself stays where it is, and can be compared with the clean one.

    Args:
        speed: In longer sides of the frame a second, to either side of 0; drawn for across and
            for down.
        shutter: Seconds that it is open, drawn; film's is half of a frame's time.
    """

    def __init__(self, speed: Course, shutter: Range) -> None:
        self.speed, self.shutter = speed, span(shutter, 0, 1)

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw how the camera moves."""
        across, down = self.speed.drawn(rng), self.speed.drawn(rng)
        shutter = rng.uniform(*self.shutter)

        def degrade(image: Image, time: float) -> Image:
            x, y = across(time), down(time)
            length = max(1.0, float(np.hypot(x, y)) * shutter * max(image.shape))
            blur = MotionBlur(length, float(np.rad2deg(np.arctan2(-y, x))))
            return blur(image, np.random.default_rng(0))  # it has nothing left to draw

        return degrade
