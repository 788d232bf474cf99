"""Structural similarity as Wang et al. defined it (IEEE TIP 13(4), 2004)."""

from collections.abc import Iterator

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, Real

from facsimile.metrics.per_image import PerImage

WINDOW = 11
SIGMA = 1.5
K1, K2 = 0.01, 0.03

# Libraries disagree by .05 on one pair of images, so a value is never shown without its settings.
SETTINGS = (
    "SSIM: Wang 2004, 11x11 Gaussian window, sigma 1.5, K .01/.03, population covariance, "
    "valid region, data range 255, mean over R, G and B"
)
_STRIP = 200_000  # values of an image that are filtered at once: their dozen copies stay in cache

Maps = tuple[Float32[np.ndarray, "h2 w2 *c"], Float32[np.ndarray, "h2 w2 *c"]]


def ssim(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
    where: Bool[np.ndarray, "h w"] | None = None,
) -> float:
    """Mean structural similarity of two images.

    Both are at least 11 pixels a side, of one shape, in 0..`data_range`; colour channels are
    measured one by one and averaged. At most 1.0, which only identical images reach. `where` says
    which pixels count: windows wholly among them are averaged, and NaN says that there is none.
    Raises ValueError for other shapes.

    >>> black, white = np.zeros((16, 16), np.uint8), np.full((16, 16), 255, np.uint8)
    >>> ssim(white, white), round(ssim(black, white), 6)
    (1.0, 0.0001)
    """
    return map_mean(ssim_map(preds, target, data_range), where)


def ssim_map(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
) -> Float32[np.ndarray, "h2 w2 *c"]:
    """Structural similarity at every pixel whose window lies within the image."""
    similarity = _valid(preds, target)
    for rows, (luminance, structure) in _strips(preds, target, data_range):
        np.multiply(luminance, structure, out=similarity[rows])
    return similarity


def structure_map(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
) -> Float32[np.ndarray, "h2 w2 *c"]:
    """The map without its luminance term: contrast and structure alone, as MS-SSIM needs them."""
    similarity = _valid(preds, target)
    for rows, (_, structure) in _strips(preds, target, data_range):
        similarity[rows] = structure
    return similarity


def map_mean(
    similarity: Float32[np.ndarray, "h2 w2 *c"], where: Bool[np.ndarray, "h w"] | None = None
) -> float:
    """Mean of a map over the windows wholly within `where`; NaN where there is none."""
    if where is None:
        return float(similarity.mean(dtype=np.float64))
    return float(channel_means(similarity, where).mean())


def channel_means(
    similarity: Float32[np.ndarray, "h2 w2 *c"], where: Bool[np.ndarray, "h w"] | None = None
) -> Float64[np.ndarray, " c"]:
    """Likewise, of each channel."""
    channels = similarity.shape[2] if similarity.ndim == 3 else 1
    mask = None if where is None else windows_within(where)
    if mask is not None and not mask.any():
        return np.full(channels, np.nan)
    return np.array(cv2.mean(similarity, mask)[:channels])


def windows_within(where: Bool[np.ndarray, "h w"]) -> Real[np.ndarray, "h2 w2"]:
    """1 for each window that covers no pixel outside `where`, else 0.

    >>> windows_within(np.ones((12, 11), bool)).tolist()
    [[1], [1]]
    """
    margin = WINDOW // 2
    kept = cv2.erode(where.astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8))
    return np.ascontiguousarray(kept[margin:-margin, margin:-margin])


class SSIM(PerImage):
    """Mean `ssim` of the images of batches.

    >>> import torch
    >>> metric = SSIM()
    >>> metric.update(torch.rand(3, 3, 16, 16), torch.ones(3, 3, 16, 16))
    >>> metric.update(torch.rand(1, 3, 20, 24), torch.ones(1, 3, 20, 24))
    >>> 0 < float(metric.compute()) < 0.5
    True
    """

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`ssim` of one pair."""
        return ssim(preds, target, data_range)


def _valid(
    preds: Real[np.ndarray, "..."], target: Real[np.ndarray, "..."]
) -> Float32[np.ndarray, "..."]:
    """Room for a map of two images, if they can be measured."""
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    if min(preds.shape[:2]) < WINDOW:
        raise ValueError(f"images of at least {WINDOW}x{WINDOW} are needed: {preds.shape}")
    height, width = (side - WINDOW + 1 for side in preds.shape[:2])
    return np.empty((height, width, *preds.shape[2:]), np.float32)


def _strips(
    preds: Real[np.ndarray, "h w *c"], target: Real[np.ndarray, "h w *c"], data_range: float
) -> Iterator[tuple[slice, Maps]]:
    """Luminance and structure of some rows of the map after the other."""
    rows = max(1, _STRIP // preds[0].size)
    for top in range(0, len(preds) - WINDOW + 1, rows):
        part = slice(top, top + rows + WINDOW - 1)
        yield slice(top, top + rows), _components(preds[part], target[part], data_range)


def _components(
    preds: Real[np.ndarray, "h w *c"], target: Real[np.ndarray, "h w *c"], data_range: float
) -> Maps:
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
    return luminance, (2 * covariance + c2) / (variances + c2)


def _window_mean(image: Float32[np.ndarray, "h w *c"]) -> Float32[np.ndarray, "h2 w2 *c"]:
    kernel = cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_32F)
    blurred: Float32[np.ndarray, "h w *c"] = cv2.sepFilter2D(image, cv2.CV_32F, kernel, kernel)
    margin = WINDOW // 2
    return blurred.reshape(image.shape)[margin:-margin, margin:-margin]
