"""Share of pixels restored to within a tolerance."""

from typing import Any

import numpy as np
from jaxtyping import Real

from facsimile.metrics.per_image import PerImage


def within(
    preds: Real[np.ndarray, "h w c"],
    target: Real[np.ndarray, "h w c"],
    tolerance: float = 0.1,
    data_range: float = 255.0,
) -> float:
    """Fraction of pixels all of whose channels differ by at most `tolerance` of the range.

    The other reading of an image's "accuracy". Raises ValueError where the shapes differ.

    >>> grey = np.full((1, 2, 3), 100, np.uint8)
    >>> within(grey, np.array([[[100, 100, 100], [100, 100, 126]]], np.uint8))
    0.5
    """
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    difference = np.abs(preds.astype(np.float64) - target.astype(np.float64))
    return float((difference <= tolerance * data_range).all(axis=-1).mean())


class Within(PerImage):
    """Mean `within` of the images of batches.

    Args:
        tolerance: Share of the range.
        data_range: As in `PerImage`.
        options: Of torchmetrics.

    Example:
        >>> import torch
        >>> metric = Within()
        >>> metric.update(torch.tensor([0.5, 0.9]).view(2, 1, 1, 1), torch.full((2, 1, 1, 1), 0.55))
        >>> float(metric.compute())
        0.5
    """

    def __init__(
        self, tolerance: float = 0.1, data_range: float | None = None, **options: Any
    ) -> None:
        super().__init__(data_range, **options)
        self.tolerance = tolerance

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`within` of one pair."""
        return within(preds, target, self.tolerance, data_range)
