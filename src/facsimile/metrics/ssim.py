"""Structural similarity as Wang et al. defined it (IEEE TIP 13(4), 2004)."""

import cv2
import numpy as np
from jaxtyping import Float32, Real

WINDOW = 11
SIGMA = 1.5
K1, K2 = 0.01, 0.03

# Libraries disagree by .05 on one pair of images, so a value is never shown without its settings.
SETTINGS = (
    "SSIM: Wang 2004, 11x11 Gaussian window, sigma 1.5, K .01/.03, population covariance, "
    "valid region, data range 255, mean over R, G and B"
)


def ssim(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
) -> float:
    """Mean structural similarity of two images.

    Both are at least 11 pixels a side, of one shape, in 0..`data_range`; colour channels are
    measured one by one and averaged. At most 1.0, which only identical images reach. Raises
    ValueError for other shapes.

    >>> black, white = np.zeros((16, 16), np.uint8), np.full((16, 16), 255, np.uint8)
    >>> ssim(white, white), round(ssim(black, white), 6)
    (1.0, 0.0001)
    """
    return float(ssim_map(preds, target, data_range).mean(dtype=np.float64))


def ssim_map(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
) -> Float32[np.ndarray, "h2 w2 *c"]:
    """Structural similarity at every pixel whose window lies within the image."""
    _check(preds, target)
    c1, c2 = (K1 * data_range) ** 2, (K2 * data_range) ** 2
    # float32 is five times faster than float64. Centred on the middle of the range, squares stay
    # small enough for the mean to agree with float64 to 1e-6, flat white areas included.
    middle = np.float32(data_range / 2)
    x, y = preds.astype(np.float32) - middle, target.astype(np.float32) - middle
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    covariance = _window_mean(x * y) - mean_x * mean_y
    # The formula needs only the sum of both variances: one filter pass fewer.
    variances = _window_mean(x * x + y * y) - (mean_x * mean_x + mean_y * mean_y)
    mean_x, mean_y = mean_x + middle, mean_y + middle
    luminance = (2 * mean_x * mean_y + c1) / (mean_x * mean_x + mean_y * mean_y + c1)
    structure = (2 * covariance + c2) / (variances + c2)
    similarity: Float32[np.ndarray, "h2 w2 *c"] = luminance * structure
    return similarity


def _check(preds: Real[np.ndarray, "..."], target: Real[np.ndarray, "..."]) -> None:
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    if min(preds.shape[:2]) < WINDOW:
        raise ValueError(f"images of at least {WINDOW}x{WINDOW} are needed: {preds.shape}")


def _window_mean(image: Float32[np.ndarray, "h w *c"]) -> Float32[np.ndarray, "h2 w2 *c"]:
    kernel = cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_32F)
    blurred: Float32[np.ndarray, "h w *c"] = cv2.sepFilter2D(image, cv2.CV_32F, kernel, kernel)
    margin = WINDOW // 2
    return blurred.reshape(image.shape)[margin:-margin, margin:-margin]
