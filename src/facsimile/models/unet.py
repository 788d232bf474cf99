"""Plain U-Net that restores an image."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.residual import pooled_levels, residual_head, restored


class DoubleConv(nn.Sequential):
    """Twice a 3x3 convolution, batch normalisation and GELU."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(*_conv(in_channels, width), *_conv(width, width))


class UNet(nn.Module):
    """Adds a predicted residual to an RGB image in 0..1 of any height and width.

    Max pooling down, transposed convolutions up, the encoder's features joined at each level. At
    the R2U-Net's widths it has 117,779 parameters. The output is not clamped. Source: Ronneberger
    et al. 2015, "U-Net", whose widths are 64 to 1024; here convolutions are padded, normalised
    and followed by GELU.

    Args:
        widths: Channels of each level, from full size down.
        scale: How much larger the result is.

    Raises:
        ValueError: `scale` is below 1.

    Example:
        >>> UNet()(torch.rand(1, 3, 9, 14)).shape
        torch.Size([1, 3, 9, 14])
    """

    def __init__(self, widths: Sequence[int] = (16, 32, 64), scale: int = 1) -> None:
        super().__init__()
        self.stride: int = 2 ** (len(widths) - 1)
        self.scale = scale
        self.encoder = nn.ModuleList(DoubleConv(a, b) for a, b in pairwise((3, *widths)))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(widths))
        self.decoder = nn.ModuleList(DoubleConv(2 * a, a) for a in widths[:-1])
        self.head = residual_head(widths[0], scale)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 y x"]:
        """Return the restored images."""
        return restored(x, self._residual, self.stride, self.scale)

    def _residual(self, features: Tensor) -> Tensor:
        *skips, features = pooled_levels(self.encoder, features)
        for place in reversed(range(len(self.up))):
            joined = torch.cat([self.up[place](features), skips[place]], dim=1)
            features = self.decoder[place](joined)
        residual: Tensor = self.head(features)
        return residual


def _conv(in_channels: int, width: int) -> list[nn.Module]:
    # The normalisation takes away the mean, so the convolution has no bias.
    conv = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.GELU(approximate="tanh")]
