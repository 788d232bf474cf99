"""What a swapped face is trained on: structure and colour of the face, not of its surroundings."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.errors import UserError
from facsimile.losses.dssim import ssim_map


def ellipse_weights(size: int, outside: float) -> Float[Tensor, "size size"]:
    """Weigh the face 1 and what lies outside its ellipse `outside`, with a soft edge.

    >>> weights = ellipse_weights(64, 0.15)
    >>> round(float(weights[32, 32]), 2), round(float(weights[0, 0]), 2)
    (1.0, 0.15)
    """
    across = torch.linspace(-1, 1, size)
    radius = torch.sqrt((across[None, :] / 0.84) ** 2 + (across[:, None] / 0.94) ** 2)
    return outside + (1 - outside) * ((1 - radius) / 0.15 + 0.5).clamp(0, 1)


class SwapLoss(nn.Module):
    """Weighted sum of structural dissimilarity, absolute and squared error, and the mask's error.

    Each part is a weighted mean, so that it does not depend on the image's size. Images in 0..1.

    Args:
        dssim: Weight of (1 - SSIM) / 2.
        l1: Weight of the absolute error.
        mse: Weight of the squared error.
        mask: Weight of the squared error of the mask.
        outside: Weight of the pixels outside the face's ellipse; inside it is 1.
        window: Side of the SSIM's window, pixels, odd.
    """

    def __init__(
        self,
        dssim: float = 1.0,
        l1: float = 1.0,
        mse: float = 0.0,
        mask: float = 1.0,
        outside: float = 0.15,
        window: int = 11,
    ) -> None:
        super().__init__()
        self.dssim, self.l1, self.mse, self.mask = dssim, l1, mse, mask
        self.outside, self.window = outside, window

    def forward(
        self,
        preds: Float[Tensor, "b 3 h w"],
        mask: Float[Tensor, "b 1 h w"] | None,
        target: Float[Tensor, "b c h w"],
    ) -> Float[Tensor, ""]:
        """Compare with the target's first three channels, the mask with its fourth.

        Raises:
            UserError: The net gives a mask and the target has none.
        """
        image, preds = target[:, :3], preds.float()
        weights = ellipse_weights(image.shape[-1], self.outside).to(image.device)
        error = preds - image
        loss = self.dssim * self._dissimilarity(preds, image, weights)
        loss = loss + self.l1 * _mean(error.abs(), weights)
        if self.mse:
            loss = loss + self.mse * _mean(error**2, weights)
        if mask is not None:
            loss = loss + self.mask * ((mask.float() - _mask_of(target)) ** 2).mean()
        return loss

    def _dissimilarity(
        self,
        preds: Float[Tensor, "b 3 h w"],
        image: Float[Tensor, "b 3 h w"],
        weights: Float[Tensor, "h w"],
    ) -> Float[Tensor, ""]:
        """The map lacks half a window on each side, and so must its weights."""
        edge = self.window // 2
        inner = weights[edge:-edge, edge:-edge]
        return (1 - _mean(ssim_map(preds, image, self.window), inner)) / 2


def _mask_of(target: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
    if target.shape[1] < 4:
        raise UserError(
            "the net has mask decoders (model.mask_dim), but the training faces come without "
            "masks: set task.data_module.masks=true beside it, or model.mask_dim=null"
        )
    return target[:, 3:4]


def _mean(values: Float[Tensor, "b c h w"], weights: Float[Tensor, "h w"]) -> Float[Tensor, ""]:
    return (values.mean(dim=(0, 1)) * weights).sum() / weights.sum()
