"""What the torchmetrics classes of pure functions share: the mean of single values."""

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from jaxtyping import Real
from torch import Tensor
from torchmetrics import Metric


class PerItem(Metric):
    """Mean of a measure of single pairs, which `value` gives; the batches may have any sizes.

    Values that are infinite, as the PSNR of identical images, or NaN are left out of the mean and
    counted in `left_out`. NaN where no finite value came.
    """

    is_differentiable, full_state_update = False, False
    total: Tensor
    finite: Tensor
    left_out: Tensor

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
        for state in ("finite", "left_out"):
            self.add_state(state, torch.tensor(0), dist_reduce_fx="sum")

    @abstractmethod
    def value(self, preds: np.ndarray, target: np.ndarray) -> float:
        """The measure of one pair."""

    def update(self, preds: Real[Tensor, "b ..."], target: Real[Tensor, "b ..."]) -> None:
        """Measure each pair of a batch.

        Raises:
            ValueError: The batches are not of one shape and type, or cannot be measured.
        """
        if preds.shape != target.shape or preds.dtype != target.dtype:
            raise ValueError(
                f"batches of one shape and type are needed: {preds.dtype} {tuple(preds.shape)} and "
                f"{target.dtype} {tuple(target.shape)}"
            )
        for one, other in zip(preds, target, strict=True):
            self._add(self.value(_numbers(one), _numbers(other)))

    def compute(self) -> Real[Tensor, ""]:
        """Return the mean of the finite values."""
        return self.total / self.finite if self.finite else torch.tensor(float("nan"))

    def _add(self, value: float) -> None:
        if np.isfinite(value):
            self.total += value
            self.finite += 1
        else:
            self.left_out += 1


class PerImage(PerItem):
    """`PerItem` of images as nets have them, channels first.

    Args:
        data_range: From black to white; None: 255 for uint8 and 1 for floats.
        options: Of torchmetrics.
    """

    higher_is_better = True

    def __init__(self, data_range: float | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_range = data_range

    @abstractmethod
    def of_images(self, preds: np.ndarray, target: np.ndarray, data_range: float) -> float:
        """The measure of one pair, channels last."""

    def value(self, preds: Real[np.ndarray, "c h w"], target: Real[np.ndarray, "c h w"]) -> float:
        """The measure of one pair, channels first."""
        one, other = (np.ascontiguousarray(np.moveaxis(x, 0, -1)) for x in (preds, target))
        return self.of_images(one, other, self.data_range or range_of(preds))


def range_of(image: Real[np.ndarray, "*shape"]) -> float:
    """From black to white in images of this type.

    Raises ValueError for other types than uint8 and floats: 16 bits may hold 10 or 12.

    >>> range_of(np.zeros(1, np.uint8)), range_of(np.zeros(1, np.float32))
    (255.0, 1.0)
    """
    if image.dtype == np.uint8:
        return 255.0
    if np.issubdtype(image.dtype, np.floating):
        return 1.0
    raise ValueError(f"{image.dtype} images have no range of their own: give data_range")


def _numbers(tensor: Tensor) -> np.ndarray:
    """A tensor's values in NumPy, which knows no bfloat16."""
    plain = tensor.detach().cpu()
    short = plain.is_floating_point() and plain.element_size() < 4
    return np.asarray((plain.float() if short else plain).numpy())
