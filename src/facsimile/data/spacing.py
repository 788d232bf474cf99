"""Which of many to take, when some are enough."""

import numpy as np
from jaxtyping import Int


def places(count: int, wanted: int) -> Int[np.ndarray, " n"]:
    """Up to `wanted` of `count` places, evenly spaced from the first to the last.

    >>> places(10, 4).tolist(), places(2, 4).tolist()
    ([0, 3, 6, 9], [0, 1])
    """
    return np.linspace(0, count - 1, min(wanted, count)).round().astype(int)
