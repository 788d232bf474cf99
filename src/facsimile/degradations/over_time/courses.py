"""Numbers over time: what wanders, what flashes at a beat, what changes from beat to beat."""

import numpy as np

from facsimile.degradations.over_time.protocol import Value
from facsimile.degradations.ranges import Range, span

_WEIGHTS = np.array([0.6, 0.3, 0.1])
_FASTEST = 1.6  # of a wave, in the stated rate


class Wander:
    """Goes smoothly to and fro between `low` and `high`.

    Three sine waves of drawn phases: the first takes `period` seconds (drawn), the others are 1.2
    to 1.6 times as fast and weaker. So the slope never exceeds 1.6 pi (high - low) / period, and
    two frames of a 25th of a second apart are near each other: that is what tells it from noise.
    """

    def __init__(self, low: int | float, high: int | float, period: Range) -> None:
        if not low <= high:
            raise ValueError(f"low {low:g} must be at most high {high:g}")
        self.low, self.high, self.period = low, high, span(period, 1e-3)

    def drawn(self, rng: np.random.Generator) -> Value:
        """Draw the period and the phases."""
        rates = np.array([1.0, *rng.uniform(1.2, _FASTEST, 2)]) / rng.uniform(*self.period)
        phases = rng.uniform(0, 1, 3)

        def at(time: float) -> float:
            wave = float(_WEIGHTS @ np.sin(2 * np.pi * (rates * time + phases)))
            return self.low + (self.high - self.low) * (0.5 + 0.5 * wave)

        return at


class Pulses:
    """Flashes at a steady beat: `high` at once, then back to `low` as a lamp cools.

    Args:
        low: Between flashes.
        high: At a flash.
        rate: Flashes a second, drawn. Above 3, such a picture can set off seizures (WCAG 2.3.1).
        decay: The part of the beat in which the light falls to 1 / e, drawn.
    """

    def __init__(self, low: int | float, high: int | float, rate: Range, decay: Range) -> None:
        if not low <= high:
            raise ValueError(f"low {low:g} must be at most high {high:g}")
        self.low, self.high = low, high
        self.rate, self.decay = span(rate, 1e-3), span(decay, 1e-3)

    def drawn(self, rng: np.random.Generator) -> Value:
        """Draw the beat, the decay and when the first flash is."""
        rate, decay, first = rng.uniform(*self.rate), rng.uniform(*self.decay), rng.uniform()

        def at(time: float) -> float:
            since = (time * rate + first) % 1
            return self.low + (self.high - self.low) * float(np.exp(-since / decay))

        return at


class Steps:
    """Keeps a number between `low` and `high` for a beat, then jumps to another.

    `rate` is that of the beats, a second, drawn.
    """

    def __init__(self, low: int | float, high: int | float, rate: Range) -> None:
        if not low <= high:
            raise ValueError(f"low {low:g} must be at most high {high:g}")
        self.low, self.high, self.rate = low, high, span(rate, 1e-3)

    def drawn(self, rng: np.random.Generator) -> Value:
        """Draw the beat and what each of its numbers follows from."""
        rate, first, key = rng.uniform(*self.rate), rng.uniform(), int(rng.integers(2**32))

        def at(time: float) -> float:
            beat = int(np.floor(time * rate + first))
            # no list of numbers: a clip may be of any length, and be looked into anywhere
            return float(np.random.default_rng([key, beat]).uniform(self.low, self.high))

        return at
