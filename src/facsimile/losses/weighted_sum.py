"""Several losses as one."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn


class WeightedSum(nn.Module):
    """Sum of losses of (preds, target), each times its weight."""

    def __init__(self, losses: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        if len(losses) != len(weights):
            raise ValueError(f"{len(losses)} losses need as many weights, not {len(weights)}")
        self.losses, self.weights = nn.ModuleList(losses), tuple(weights)

    def forward(
        self, preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the weighted sum."""
        terms = zip(self.losses, self.weights, strict=True)
        return torch.stack([weight * loss(preds, target) for loss, weight in terms]).sum()
