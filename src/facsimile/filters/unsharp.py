"""Unsharp masking."""

import cv2
import numpy as np
from jaxtyping import Real


def unsharp_mask(
    image: Real[np.ndarray, "h w *c"], k: float, sigma: float
) -> Real[np.ndarray, "h w *c"]:
    """Sharpen: out = in + k (in - blur), blurred by a Gaussian of `sigma` pixels.

    uint8 images are rounded and clipped to 0..255, floating-point ones are neither. `k` of 0
    gives a copy. Source: paper 1 (Fadly and Utami 2025), equation 1.

    >>> flat = np.full((5, 5, 3), 9, np.uint8)
    >>> bool((unsharp_mask(flat, 1.0, 2.0) == 9).all())
    True
    """
    if k == 0:
        return np.copy(image)
    exact: Real[np.ndarray, "h w *c"] = image.astype(np.result_type(image.dtype, np.float32))
    sharpened: Real[np.ndarray, "h w *c"] = exact + k * (
        exact - cv2.GaussianBlur(exact, (0, 0), sigma)
    )
    if image.dtype == np.uint8:
        return np.asarray(np.clip(np.rint(sharpened), 0, 255), np.uint8)
    return np.asarray(sharpened, image.dtype)
