"""Mean squared error of faces."""

from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import rgb
from facsimile.losses.ellipse import ellipse_mean
from facsimile.losses.term import Term


def face_mse(
    preds: Float[Tensor, "b 3 h w"], target: Float[Tensor, "b 3 h w"], outside: float = 1.0
) -> Float[Tensor, ""]:
    """Return the mean squared error, what lies outside the face's ellipse weighing `outside`.

    >>> import torch
    >>> float(face_mse(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)))
    0.25
    """
    return ellipse_mean((preds - target) ** 2, preds.shape[-1], outside)


class FaceMSE(Term):
    """Mean squared error; the face's ellipse weighs 1, what lies outside it `outside`."""

    def __init__(self, weight: float = 1.0, outside: float = 1.0) -> None:
        super().__init__(weight)
        self.outside = outside

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean error."""
        return face_mse(rgb(preds), rgb(target), self.outside)
