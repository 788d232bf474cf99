"""How sure a figure is: the percentile bootstrap (Efron 1979)."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

_LEVEL = 95.0  # percent of the draws that an interval holds


def bounds(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """The bounds of the 95 % interval of a figure's draws; NaN where there are none.

    >>> bounds(np.arange(101.0))
    (2.5, 97.5)
    """
    if not len(values):
        return float("nan"), float("nan")
    tail = (100 - _LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def identity_draws(
    people: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], draws: int, seed: int
) -> list[Int[np.ndarray, " n"]]:
    """How often each face counts in each draw: as often as its identity was drawn.

    Faces of one person, and frames of one video, are not independent. Draws without a real or
    without a fake face are left out.

    Args:
        people: A number for each face's identity, from 0.
        labels: 1 for a fake, 0 for a real one.
        draws: How many.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    n = int(people.max(initial=-1)) + 1
    found = []
    for _ in range(draws):
        weights = np.bincount(rng.integers(n, size=n), minlength=n)[people]
        if len(set(labels[weights > 0])) == 2:
            found.append(weights)
    return found
