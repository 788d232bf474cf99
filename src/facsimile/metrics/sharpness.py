"""How much fine detail a picture has, and what share of another's that is."""

import cv2
import numpy as np
from jaxtyping import Bool, Real

from facsimile.metrics.per_image import PerImage


def sharpness(grey: Real[np.ndarray, "h w"], where: Bool[np.ndarray, "h w"] | None = None) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), in squared levels; 0 is flat.

    Args:
        grey: Of one channel, in 0..255.
        where: Which pixels count; None for all.

    Example:
        >>> sharpness(np.full((8, 8), 90, np.uint8))
        0.0
    """
    depth = cv2.CV_16S if grey.dtype == np.uint8 else cv2.CV_32F
    mask = None if where is None else where.view(np.uint8)
    picture = grey if grey.dtype == np.uint8 else grey.astype(np.float32)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(picture, depth), mask=mask)
    return float(deviation[0, 0] ** 2)


def sharpness_ratio(
    preds: Real[np.ndarray, "h w"],
    target: Real[np.ndarray, "h w"],
    where: Bool[np.ndarray, "h w"] | None = None,
) -> float:
    """Sharpness of a picture by that of its original: below 1 detail was lost, above 1 noise came.

    NaN where the original is flat; arguments as in `sharpness`.

    >>> edges = np.tile(np.array([0, 100], np.uint8), (8, 4))
    >>> sharpness_ratio(edges // 2, edges)
    0.25
    """
    original = sharpness(target, where)
    return sharpness(preds, where) / original if original else float("nan")


class SharpnessRatio(PerImage):
    """Mean `sharpness_ratio` of the images of batches, by the mean of their channels.

    >>> import torch
    >>> metric = SharpnessRatio()
    >>> image = torch.rand(2, 3, 16, 16)
    >>> metric.update(image / 2, image)
    >>> round(float(metric.compute()), 4)
    0.25
    """

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`sharpness_ratio` of one pair."""
        one, other = (
            (image.mean(axis=2) * (255 / data_range)).astype(np.float32)
            for image in (preds, target)
        )
        return sharpness_ratio(one, other)
