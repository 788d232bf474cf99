"""Filters one after another."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from facsimile.filters.protocol import Filter


def chain(
    image: UInt8[np.ndarray, "h w 3"], filters: Sequence[Filter]
) -> UInt8[np.ndarray, "h w 3"]:
    """Apply every filter in the order given; none at all copies the image.

    >>> chain(np.zeros((1, 1, 3), np.uint8), [np.invert, np.invert, np.invert]).tolist()
    [[[255, 255, 255]]]
    """
    filtered = image.copy()
    for apply in filters:
        filtered = apply(filtered)
    return filtered
