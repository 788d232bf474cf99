"""Mean absolute error of faces."""

from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import rgb
from facsimile.losses.ellipse import ellipse_mean
from facsimile.losses.term import Term


def face_l1(
    preds: Float[Tensor, "b 3 h w"], target: Float[Tensor, "b 3 h w"], outside: float = 1.0
) -> Float[Tensor, ""]:
    """Return the mean absolute error, what lies outside the face's ellipse weighing `outside`.

    >>> import torch
    >>> float(face_l1(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)))
    0.5
    """
    return ellipse_mean((preds - target).abs(), preds.shape[-1], outside)


class FaceL1(Term):
    """Mean absolute error; the face's ellipse weighs 1, what lies outside it `outside`."""

    def __init__(self, weight: float = 1.0, outside: float = 1.0) -> None:
        super().__init__(weight)
        self.outside = outside

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean error."""
        return face_l1(rgb(preds), rgb(target), self.outside)
