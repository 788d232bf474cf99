"""Non-local means."""

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.filters.noise import estimate_noise

PATCH, WINDOW = 7, 21


def non_local_means(
    image: UInt8[np.ndarray, "h w 3"], strength: float = 1.0, sigma: float | None = None
) -> UInt8[np.ndarray, "h w 3"]:
    """Average each pixel with those of a 21x21 window whose 7x7 surroundings are alike.

    A pixel weighs exp(-d / h^2), d being the mean squared difference of the surroundings and h
    `strength` times the noise's `sigma` (levels of 0..255; None: estimated). No noise gives a
    copy. Raises ValueError for a strength or sigma below 0. Source: Buades, Coll and Morel 2005.

    >>> flat = np.full((16, 16, 3), 90, np.uint8)
    >>> bool((non_local_means(flat) == flat).all())
    True
    """
    if strength < 0 or (sigma is not None and sigma < 0):
        raise ValueError(f"strength and sigma must be 0 or more: {strength}, {sigma}")
    h = strength * (estimate_noise(image) if sigma is None else sigma)
    if h == 0:
        return image.copy()
    return np.asarray(cv2.fastNlMeansDenoising(image, None, h, PATCH, WINDOW), np.uint8)
