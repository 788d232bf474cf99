"""Mean and covariance of the colours inside a mask, and linear maps made of them."""

import numpy as np
from jaxtyping import Float, Float32

# Variance that is added to every channel, so that a flat picture has a covariance to invert.
_LEAST = 1e-6


def moments(
    image: Float32[np.ndarray, "h w 3"], mask: Float[np.ndarray, "h w"]
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3 3"]]:
    """Weighted mean and covariance of the channels; the covariance can be inverted.

    Args:
        image: RGB.
        mask: Weights >= 0, not all 0.
    """
    inside = mask > 0
    pixels = image[inside].astype(np.float64)
    weights = mask[inside] / mask[inside].sum(dtype=np.float64)
    mean = weights @ pixels
    centred = pixels - mean
    return mean, (centred * weights[:, None]).T @ centred + _LEAST * np.eye(3)


def root(matrix: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3 3"]:
    """The symmetric square root of a symmetric positive matrix.

    >>> root(np.diag([4.0, 9.0, 1.0])).round(6).diagonal().tolist()
    [2.0, 3.0, 1.0]
    """
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def mapped(
    image: Float32[np.ndarray, "h w 3"],
    matrix: Float[np.ndarray, "3 3"],
    mean: Float[np.ndarray, "3"],
    new_mean: Float[np.ndarray, "3"],
) -> Float32[np.ndarray, "h w 3"]:
    """Every colour x as matrix (x - mean) + new mean, cut to 0..1."""
    moved = (image - mean) @ matrix.T + new_mean
    return np.asarray(np.clip(moved, 0, 1), np.float32)
