"""Share of pixels restored to within a tolerance."""

import numpy as np
from jaxtyping import Real


def within(
    preds: Real[np.ndarray, "h w c"],
    target: Real[np.ndarray, "h w c"],
    tolerance: float = 0.1,
    data_range: float = 255.0,
) -> float:
    """Fraction of pixels all of whose channels differ by at most `tolerance` of the range.

    The other reading of an image's "accuracy". Raises ValueError where the shapes differ.

    >>> grey = np.full((1, 2, 3), 100, np.uint8)
    >>> within(grey, np.array([[[100, 100, 100], [100, 100, 126]]], np.uint8))
    0.5
    """
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    difference = np.abs(preds.astype(np.float64) - target.astype(np.float64))
    return float((difference <= tolerance * data_range).all(axis=-1).mean())
