"""Median filter."""

import cv2
import numpy as np
from jaxtyping import UInt8


def median(image: UInt8[np.ndarray, "h w *c"], size: int = 3) -> UInt8[np.ndarray, "h w *c"]:
    """Replace each channel of a pixel by its median over a window of odd `size`.

    The border is replicated. Raises ValueError for an even size or one below 3.

    >>> speck = np.zeros((3, 3), np.uint8)
    >>> speck[1, 1] = 255
    >>> int(median(speck).max())
    0
    """
    if size < 3 or size % 2 == 0:
        raise ValueError(f"size must be odd and at least 3, not {size}")
    filtered: UInt8[np.ndarray, "h w *c"] = np.asarray(cv2.medianBlur(image, size), np.uint8)
    return filtered
