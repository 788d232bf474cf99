"""Estimating the noise of an image."""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

# Daubechies' wavelet of two vanishing moments: its high-pass filter
DB2 = np.array([1 - 3**0.5, -(3 - 3**0.5), 3 + 3**0.5, -(1 + 3**0.5)], np.float32) / 32**0.5
MAD = 0.6744897501960817  # median of |x| for a standard normal x


def estimate_noise(image: UInt8[np.ndarray, "h w *c"]) -> float:
    """Estimate the standard deviation of additive white noise, in levels; mean of the channels.

    The median of the finest diagonal wavelet coefficients, of which edges fill few. Coefficients
    of 0 are flat or clipped areas and left out. Fine texture counts as noise. Source: Donoho and
    Johnstone, Biometrika 81(3), 1994, as skimage.restoration.estimate_sigma has it.

    >>> estimate_noise(np.full((16, 16, 3), 7, np.uint8))
    0.0
    """
    levels = image.astype(np.float32).reshape(*image.shape[:2], -1)
    detail = cv2.sepFilter2D(levels, cv2.CV_32F, DB2, DB2, borderType=cv2.BORDER_REFLECT)
    detail = detail.reshape(levels.shape)[::2, ::2]
    return float(np.mean([_spread(detail[..., c]) for c in range(detail.shape[2])]))


def _spread(detail: Float[np.ndarray, "h w"]) -> float:
    size = np.abs(detail)
    # float32 leaves specks where the exact coefficient is 0
    size = size[size > 1e-3]
    return float(np.median(size)) / MAD if size.size else 0.0
