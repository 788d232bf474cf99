"""What every degradation of a clip, and every course over time, looks like to its users."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np

from facsimile.degradations.protocol import Image

FrameDegradation = Callable[[Image, float], Image]  # a frame and its time in seconds
Value = Callable[[float], float]  # of a time in seconds


@runtime_checkable
class VideoDegradation(Protocol):
    """Makes the frames of a clip worse.

    All that is random is drawn once a clip, before its first frame; what a frame then suffers is a
    function of its time alone. So what is done to a frame does not depend on the others or on the
    frame rate, and what changes over time is a movement or a beat, not noise: its spectrum ends at
    the rates that the configuration states (see `Wander`, `Pulses`). The one exception is called
    so: grain, which is noise of every frame (`PerFrame(fresh=True)`).
    """

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw for one clip; gives what makes a worse frame of the same size and type."""
        ...


@runtime_checkable
class Course(Protocol):
    """A number that changes over time, of a kind; each clip, lamp or layer draws its own."""

    def drawn(self, rng: np.random.Generator) -> Value:
        """Draw one course."""
        ...
