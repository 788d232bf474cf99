"""Cosine similarity of raw pixels, the reading that fits paper 1's figure 7."""

import numpy as np
from jaxtyping import Real


def pixel_cosine(preds: Real[np.ndarray, "*shape"], target: Real[np.ndarray, "*shape"]) -> float:
    """Cosine of the angle between two images taken as vectors of pixel values.

    0..1 for images without negative values, whatever their range; 1 for two black images, 0 for
    one. Barely falls below .99 for frames of one clip: it says little, and is not the identity
    cosine of face embeddings. Raises ValueError where the shapes differ.

    >>> grey = np.full((2, 2, 3), 100, np.uint8)
    >>> round(pixel_cosine(grey, grey * 2), 6)
    1.0
    """
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    x, y = preds.astype(np.float64), target.astype(np.float64)
    # Plain sums, since BLAS' own threads would fight with those that measure frames side by side.
    squares = np.square(x).sum() * np.square(y).sum()
    if squares == 0:
        return float(not x.any() and not y.any())
    return float((x * y).sum() / np.sqrt(squares))
