"""Priority for the eyes and the mouth, whose few pixels carry the expression."""

from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import eyes_mouth, rgb
from facsimile.losses.term import Term


def masked_l1(
    preds: Float[Tensor, "b 3 h w"],
    target: Float[Tensor, "b 3 h w"],
    where: Float[Tensor, "b 1 h w"],
) -> Float[Tensor, ""]:
    """Return the mean over the whole picture of the absolute error where `where` is 1.

    >>> import torch
    >>> where = torch.zeros(1, 1, 2, 2)
    >>> where[..., 0, 0] = 1
    >>> float(masked_l1(torch.zeros(1, 3, 2, 2), torch.ones(1, 3, 2, 2), where))
    0.25
    """
    return ((preds - target).abs() * where).mean()


class EyesMouth(Term):
    """Absolute error inside the eyes and the mouth (DeepFaceLab's eyes and mouth priority)."""

    def __init__(self, weight: float = 300.0) -> None:
        super().__init__(weight)

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean error."""
        return masked_l1(rgb(preds), rgb(target), eyes_mouth(target))
