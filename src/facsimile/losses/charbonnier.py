"""Charbonnier error: absolute, and smooth where it is small."""

import torch
from jaxtyping import Float
from torch import Tensor

from facsimile.losses.term import Term


def charbonnier(
    preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"], epsilon: float = 1e-3
) -> Float[Tensor, " b"]:
    """Return the mean of sqrt(error^2 + epsilon^2) of each image, computed in float32.

    `epsilon`, in the images' units, is the least it can be: what identical images cost.

    >>> black = torch.zeros(1, 3, 4, 4)
    >>> charbonnier(black, black + 0.3, epsilon=0.4).tolist()
    [0.5]
    """
    squared = (preds.float() - target.float()) ** 2
    return torch.sqrt(squared + epsilon**2).mean(dim=(1, 2, 3))


class Charbonnier(Term):
    """Mean Charbonnier error of a batch; images in 0..1.

    Source: Charbonnier et al. 1994; as a loss of restoration, Lai et al. 2017, "LapSRN".
    """

    def __init__(self, weight: float = 1.0, epsilon: float = 1e-3) -> None:
        super().__init__(weight)
        if epsilon <= 0:
            raise ValueError(f"epsilon must be above 0, not {epsilon}: it keeps gradients finite")
        self.epsilon = epsilon

    def forward(
        self, preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean."""
        return charbonnier(preds, target, self.epsilon).mean()
