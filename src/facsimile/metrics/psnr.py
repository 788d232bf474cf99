"""Peak signal-to-noise ratio of one pair of images."""

import numpy as np
from jaxtyping import Real


def psnr(
    preds: Real[np.ndarray, "*shape"],
    target: Real[np.ndarray, "*shape"],
    data_range: float = 255.0,
) -> float:
    """Peak signal-to-noise ratio in decibels; infinity for identical images.

    A set's PSNR is the mean of its images' values, not that of the pooled error. Raises
    ValueError where the shapes differ.

    >>> grey = np.full((2, 2, 3), 100, np.uint8)
    >>> psnr(grey, grey), round(psnr(grey, grey + 1), 2)
    (inf, 48.13)
    """
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    error = np.mean(np.square(preds.astype(np.float64) - target.astype(np.float64)))
    return float(10 * np.log10(data_range**2 / error)) if error else float("inf")
