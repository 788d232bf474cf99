"""What a loss is composed of."""

from jaxtyping import Float
from torch import Tensor, nn


class Term(nn.Module):
    """One part of a loss, and how much it counts.

    A term is called as `(preds, target) -> scalar`, images RGB in 0..1. In a swap `preds` has the
    net's mask as fourth channel where there is one, and `target` its channels in the order of
    `facsimile.losses.channels`.
    """

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the term's value, not yet weighted."""
        raise NotImplementedError
