"""What a net learns from, composed by configuration."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.losses.term import Term


class WeightedSum(nn.ModuleDict):
    """Sum of terms of (preds, target), each times its weight.

    Args:
        terms: By name; one that weighs nothing is left out.

    Raises:
        ValueError: No term weighs anything.

    Example:
        >>> from facsimile.losses.pixel_error import PixelError
        >>> absolute = PixelError(nn.L1Loss(reduction="none"), weight=2.0)
        >>> squared = PixelError(nn.MSELoss(reduction="none"), weight=4.0)
        >>> loss = WeightedSum({"l1": absolute, "mse": squared})
        >>> float(loss(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)))
        2.0
    """

    def __init__(self, terms: Mapping[str, Term]) -> None:
        super().__init__({name: term for name, term in terms.items() if term.weight})
        if not len(self):
            raise ValueError("a loss needs at least one term that weighs something")

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the weighted sum."""
        values = [term.weight * term(preds, target) for term in self.values()]
        return torch.stack(values).sum()
