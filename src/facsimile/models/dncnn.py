"""DnCNN: a chain of convolutions at full size that predicts an image's noise."""

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.residual import residual_head, restored


class DnCNN(nn.Module):
    """Adds a predicted residual to an RGB image in 0..1 of any height and width.

    The residual is the noise with its sign changed. A pixel sees `depth` pixels in each direction.
    The output is not clamped. Source: Zhang et al. 2017, "Beyond a Gaussian Denoiser: Residual
    Learning of Deep CNN for Image Denoising": depth 17 for noise of one strength, 20 for blind
    and colour denoising.

    Args:
        depth: Convolutions.
        width: Channels between them.
        scale: How much larger the result is.

    Raises:
        ValueError: `depth` is below 2, or `scale` below 1.

    Example:
        >>> import torch
        >>> sum(p.numel() for p in DnCNN().parameters())
        669379
        >>> DnCNN(depth=3, width=8)(torch.rand(1, 3, 9, 14)).shape
        torch.Size([1, 3, 9, 14])
    """

    stride = 1

    def __init__(self, depth: int = 20, width: int = 64, scale: int = 1) -> None:
        super().__init__()
        if depth < 2:
            raise ValueError(f"depth must be at least 2, not {depth}")
        self.scale = scale
        first = [nn.Conv2d(3, width, 3, padding=1), nn.ReLU(inplace=True)]
        others = [layer for _ in range(depth - 2) for layer in _normalised(width)]
        self.body = nn.Sequential(*first, *others)
        self.head = residual_head(width, scale)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 y x"]:
        """Return the restored images."""
        return restored(x, self._residual, self.stride, self.scale)

    def _residual(self, x: Tensor) -> Tensor:
        residual: Tensor = self.head(self.body(x))
        return residual


def _normalised(width: int) -> list[nn.Module]:
    conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
