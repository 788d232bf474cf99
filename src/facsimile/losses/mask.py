"""How far a learned mask is from the true one."""

from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import face_mask
from facsimile.losses.term import Term


def mask_mse(mask: Float[Tensor, "b 1 h w"], target: Float[Tensor, "b 1 h w"]) -> Float[Tensor, ""]:
    """Return the mean squared error of masks in 0..1.

    >>> import torch
    >>> float(mask_mse(torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)))
    1.0
    """
    return ((mask - target) ** 2).mean()


class MaskMSE(Term):
    """Mean squared error of the mask; 0 for a net that has no mask decoders."""

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean error."""
        if preds.shape[1] < 4:
            return preds.new_zeros(())
        return mask_mse(preds[:, 3:4], face_mask(target))
