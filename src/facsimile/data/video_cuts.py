"""Which stretches of a clip become videos of a data set."""

from fractions import Fraction

import numpy as np


def video_cuts(frames: int, rate: Fraction, seconds: float, most: int) -> list[tuple[int, int]]:
    """First frame, and the one after the last, of up to `most` stretches that do not overlap.

    They are evenly spaced from the first to the last frame; a clip that is no longer than one of
    them is one.

    Args:
        frames: Of the clip.
        rate: Its frames a second.
        seconds: Length of a stretch.
        most: How many are wanted.

    >>> video_cuts(100, Fraction(10), 2.0, 3), video_cuts(15, Fraction(10), 2.0, 3)
    ([(0, 20), (40, 60), (80, 100)], [(0, 15)])
    """
    length = max(1, round(seconds * rate))
    if frames <= length:
        return [(0, frames)] if frames > 0 else []
    starts = np.linspace(0, frames - length, min(most, frames // length)).round().astype(int)
    return [(start, start + length) for start in starts.tolist()]
