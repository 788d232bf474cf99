"""Peak signal-to-noise ratio of one pair of images, and its mean over many."""

import numpy as np
from jaxtyping import Bool, Real

from facsimile.metrics.per_image import PerImage
from facsimile.metrics.squares import counted, squared_error


def psnr(
    preds: Real[np.ndarray, "*shape"],
    target: Real[np.ndarray, "*shape"],
    data_range: float = 255.0,
    where: Bool[np.ndarray, "h w"] | None = None,
) -> float:
    """Peak signal-to-noise ratio in decibels; infinity for identical images.

    A set's PSNR is the mean of its images' values, not that of the pooled error. `where` says which
    pixels count, None for all. Raises ValueError where the shapes differ or no pixel counts.

    >>> grey = np.full((2, 2, 3), 100, np.uint8)
    >>> psnr(grey, grey), round(psnr(grey, grey + 1), 2)
    (inf, 48.13)
    """
    error = squared_error(preds, target, where) / counted(preds, where)
    return float(10 * np.log10(data_range**2 / error)) if error else float("inf")


class PSNR(PerImage):
    """Mean `psnr` of the images of batches, dB; identical ones are left out and counted.

    >>> import torch
    >>> metric = PSNR()
    >>> white = torch.full((1, 3, 4, 4), 255, dtype=torch.uint8)
    >>> metric.update(white, white)
    >>> metric.update(white, white - 1)
    >>> round(float(metric.compute()), 2), int(metric.left_out)
    (48.13, 1)
    """

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`psnr` of one pair."""
        return psnr(preds, target, data_range)
