"""The one-dimensional optimal transport that histogram, idt and sot are made of."""

import numpy as np
from jaxtyping import Float, Float64

_BINS = 512  # finer than the 8 bits that pictures come from


def transport(
    values: Float[np.ndarray, " n"],
    wanted: Float[np.ndarray, " n"],
    weights: Float[np.ndarray, " n"],
) -> Float64[np.ndarray, " n"]:
    """Move values monotonically so that they are distributed as others are.

    The cumulative histograms of both are taken to be linear between at most 512 levels; one that
    is all one value moves to the median.

    Args:
        values: What is moved; those of weight 0 go with their like.
        wanted: Of these the distribution is taken.
        weights: >= 0, not all 0, for both.

    Example:
        >>> transport(np.array([0.0, 1, 2]), np.array([30.0, 10, 20]), np.ones(3)).round(1).tolist()
        [10.0, 20.0, 30.0]
    """
    levels, shares = _cumulative(values, weights)
    new_levels, new_shares = _cumulative(wanted, weights)
    return np.asarray(np.interp(values, levels, np.interp(shares, new_shares, new_levels)))


def _cumulative(
    values: Float[np.ndarray, " n"], weights: Float[np.ndarray, " n"]
) -> tuple[Float64[np.ndarray, " _"], Float64[np.ndarray, " _"]]:
    """Levels at which there are values that count, and the share up to the middle of each."""
    counted = values[weights > 0]
    low, high = float(counted.min()), float(counted.max())
    width = max((high - low) / (_BINS - 1), 1e-12)
    places = np.clip(np.rint((values - low) / width), 0, _BINS - 1).astype(np.intp)
    counts = np.bincount(places, weights, _BINS)
    taken = np.flatnonzero(counts)
    shares = np.cumsum(counts[taken]) - counts[taken] / 2
    return low + width * taken, shares / counts.sum()
