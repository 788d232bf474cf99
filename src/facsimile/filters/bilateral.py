"""Bilateral filter."""

import cv2
import numpy as np
from jaxtyping import UInt8


def bilateral(
    image: UInt8[np.ndarray, "h w 3"], sigma_color: float, sigma_space: float
) -> UInt8[np.ndarray, "h w 3"]:
    """Average each pixel with its neighbours that are alike in colour.

    A neighbour's weight is Gaussian in its distance (`sigma_space`, pixels) and in the sum of the
    three channels' absolute differences (`sigma_color`, levels of 0..255); the window is a disc
    of radius 1.5 `sigma_space`. Raises ValueError unless both are positive. Source: Tomasi and
    Manduchi 1998.

    >>> edge = np.repeat(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8), 5, axis=0)
    >>> bool((bilateral(edge, 20.0, 2.0) == edge).all())
    True
    """
    if sigma_color <= 0 or sigma_space <= 0:
        raise ValueError(f"both sigmas must be positive: {sigma_color}, {sigma_space}")
    smooth = cv2.bilateralFilter(image, 0, sigma_color, sigma_space)
    return np.asarray(smooth, np.uint8)
