"""Mean error of a face's pixels: absolute, squared, or what other function is chosen."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import rgb
from facsimile.losses.ellipse import ellipse_mean
from facsimile.losses.term import Term


class PixelError(Term):
    """Mean error; the face's ellipse weighs 1, what lies outside it `outside`.

    Args:
        error: `(preds, target) -> the error of each value`, such as
            `torch.nn.L1Loss(reduction="none")`.
        weight: See `Term`.
        outside: Weight of what lies outside the face's ellipse.

    Example:
        >>> import torch
        >>> squared = PixelError(torch.nn.MSELoss(reduction="none"))
        >>> float(squared(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)))
        0.25
    """

    def __init__(
        self, error: Callable[[Tensor, Tensor], Tensor], weight: float = 1.0, outside: float = 1.0
    ) -> None:
        super().__init__(weight)
        self.error, self.outside = error, outside

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean error."""
        errors = self.error(rgb(preds), rgb(target))
        return ellipse_mean(errors, preds.shape[-1], self.outside)
