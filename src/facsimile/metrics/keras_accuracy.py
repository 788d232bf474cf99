"""What Keras computes for `metrics=['accuracy']` on images whose last dimension is 3."""

import numpy as np
import torch
from jaxtyping import Float, Real
from torch import Tensor
from torchmetrics import Metric


def keras_accuracy(
    preds: Real[np.ndarray, "*pixels c"], target: Real[np.ndarray, "*pixels c"]
) -> float:
    """Fraction of pixels whose largest channel agrees (Keras' categorical accuracy).

    Paper 2's "accuracy" is taken to be this; ties go to the lowest channel. It says almost
    nothing about an image: constant red scores above .9 on faces, grey images always 1.
    To pool over images of different sizes, add up `matches`. Raises ValueError for other shapes.

    >>> red, green = np.array([[[9, 0, 0]]]), np.array([[[0, 9, 0]]])
    >>> keras_accuracy(red, red), keras_accuracy(red, green)
    (1.0, 0.0)
    """
    matched, pixels = matches(preds, target)
    return matched / pixels


def matches(
    preds: Real[np.ndarray, "*pixels c"], target: Real[np.ndarray, "*pixels c"]
) -> tuple[int, int]:
    """How many pixels agree in their largest channel, and how many pixels there are."""
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    agree = preds.argmax(axis=-1) == target.argmax(axis=-1)
    return int(agree.sum()), int(agree.size)


class KerasAccuracy(Metric):
    """`keras_accuracy` of batches as nets give them, pooled over their pixels.

    The net's own numbers are compared, as Keras does: once rounded to 256 levels, grey pixels tie.

    >>> red = torch.tensor([0.9, 0.1, 0.1]).view(1, 3, 1, 1)
    >>> metric = KerasAccuracy()
    >>> metric.update(red.expand(1, 3, 1, 3), red.expand(1, 3, 1, 3))
    >>> metric.update(red.flip(1), red)
    >>> float(metric.compute())  # of four pixels
    0.75
    """

    higher_is_better, is_differentiable, full_state_update = True, False, False
    matched: Tensor
    pixels: Tensor

    def __init__(self) -> None:
        super().__init__()
        for state in ("matched", "pixels"):
            self.add_state(state, torch.tensor(0), dist_reduce_fx="sum")

    def update(self, preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]) -> None:
        """Count the pixels of a batch."""
        # of equal channels torch, too, names the first
        agree = preds.argmax(dim=1) == target.argmax(dim=1)
        self.matched += agree.sum()
        self.pixels += agree.numel()

    def compute(self) -> Float[Tensor, ""]:
        """Return the share of the pixels that agree, 0..1."""
        return self.matched / self.pixels
