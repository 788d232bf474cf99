"""Blocks of DeepFaceLab's face-swap autoencoders.

Its pixel shuffle orders channels (row, column, channel), ONNX's DepthToSpace mode DCR; torch's
orders them (channel, row, column), mode CRD. In `Up` that only renames the convolution's outputs,
so weights of DeepFaceLab need that permutation; `SubpixelHead` keeps DeepFaceLab's order, since
there each output position has a kernel size of its own.
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

SLOPE = 0.1  # of LeakyReLU in Down and Up
RES_SLOPE = 0.2  # of LeakyReLU in Res


class Cosine(nn.Module):
    """The activation x cos x (DeepFaceLab's option c).

    >>> Cosine()(torch.tensor([0.0, torch.pi]))
    tensor([ 0.0000, -3.1416])
    """

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Elementwise."""
        return x * torch.cos(x)


class Down(nn.Sequential):
    """Halves the side: 5x5 convolution of stride 2 and an activation."""

    def __init__(self, channels_in: int, channels_out: int, cosine: bool = False) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 5, stride=2, padding=2), _activation(SLOPE, cosine)
        )


class Up(nn.Sequential):
    """Doubles the side: 3x3 convolution to four times the channels and a pixel shuffle."""

    def __init__(self, channels_in: int, channels_out: int, cosine: bool = False) -> None:
        super().__init__(
            nn.Conv2d(channels_in, 4 * channels_out, 3, padding=1),
            _activation(SLOPE, cosine),
            nn.PixelShuffle(2),
        )


class Res(nn.Module):
    """Two 3x3 convolutions beside a skip."""

    def __init__(self, channels: int, cosine: bool = False) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.activation = _activation(RES_SLOPE, cosine)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Same shape as `x`."""
        residual = self.second(self.activation(self.first(x)))
        return cast(Tensor, self.activation(x + residual))


class SubpixelHead(nn.Module):
    """Doubles the side: a 1x1 and three 3x3 convolutions, interleaved (DeepFaceLab's option d).

    The first makes the upper left pixel of every 2x2 block, the others the upper right, the lower
    left and the lower right.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.phases = nn.ModuleList(
            nn.Conv2d(channels_in, channels_out, side, padding=side // 2) for side in (1, 3, 3, 3)
        )

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o y x"]:
        """Return logits, y = 2h, x = 2w."""
        by_channel = torch.stack([phase(x) for phase in self.phases], dim=2).flatten(1, 2)
        return nn.functional.pixel_shuffle(by_channel, 2)


def he_initialise(net: nn.Module) -> None:
    """Give every layer He's initialisation: torch's own is too small to train in minutes."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


def _activation(slope: float, cosine: bool) -> nn.Module:
    return Cosine() if cosine else nn.LeakyReLU(slope)
