"""NAFNet: a U-shaped net without nonlinear activations that restores an image.

Source: Chen et al. 2022, "Simple Baselines for Image Restoration".
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.residual import residual_head, restored


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of each pixel over its channels, with one affine pair a channel."""

    def __init__(self, width: int, eps: float = 1e-6) -> None:
        super().__init__(width, eps)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Normalise `x`; in channels_last memory the permutations cost nothing."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class SimpleGate(nn.Module):
    """The first half of the channels times the second: the only nonlinearity.

    >>> SimpleGate()(torch.tensor([2.0, 3.0]).view(1, 2, 1, 1)).flatten()
    tensor([6.])
    """

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d h w"]:
        """Return half as many channels."""
        first, second = x.chunk(2, dim=1)
        return first * second


class ChannelAttention(nn.Module):
    """Weighs channels by a linear function of their means over the whole image (simplified)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return the weighed channels."""
        weights: Tensor = self.conv(x.mean(dim=(2, 3), keepdim=True))
        return x * weights


class NAFBlock(nn.Module):
    """Mixes neighbouring pixels, then channels, each added to what came in at a learned scale.

    The scales `beta` and `gamma` begin at zero: a new block changes nothing.
    """

    def __init__(self, width: int, attention: bool = True, dilation: int = 1) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            ChannelNorm(width),
            nn.Conv2d(width, 2 * width, 1),
            nn.Conv2d(2 * width, 2 * width, 3, 1, dilation, dilation, groups=2 * width),
            SimpleGate(),
            ChannelAttention(width) if attention else nn.Identity(),
            nn.Conv2d(width, width, 1),
        )
        self.feed = nn.Sequential(
            ChannelNorm(width),
            nn.Conv2d(width, 2 * width, 1),
            SimpleGate(),
            nn.Conv2d(width, width, 1),
        )
        self.beta = nn.Parameter(torch.zeros(width, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(width, 1, 1))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return features of the same shape."""
        mixed: Tensor = x + self.beta * self.mix(x)
        fed: Tensor = mixed + self.gamma * self.feed(mixed)
        return fed


class NAFNet(nn.Module):
    """Adds a predicted residual to an RGB image in 0..1 of any height and width.

    The default is as large as the paper's R2U-Net. The output is not clamped.

    Args:
        width: Channels at full size; they double wherever height and width halve.
        encoder: Blocks of each level, from full size down.
        middle: Blocks at the smallest size.
        decoder: Blocks of each level, from full size down as in `encoder`.
        attention: Whether channels are weighed by means over the whole image. Those differ
            between an image and its tiles, so only without it can tiles join without a seam.
        scale: How much larger the result is.

    Raises:
        ValueError: Encoder and decoder differ in their number of levels, or `scale` is below 1.

    Example:
        >>> sum(p.numel() for p in NAFNet().parameters())
        133427
        >>> NAFNet()(torch.rand(1, 3, 9, 14)).shape
        torch.Size([1, 3, 9, 14])
    """

    def __init__(
        self,
        width: int = 16,
        encoder: Sequence[int] = (2, 3),
        middle: int = 2,
        decoder: Sequence[int] = (2, 2),
        attention: bool = True,
        scale: int = 1,
    ) -> None:
        super().__init__()
        if len(encoder) != len(decoder):
            raise ValueError(
                f"the decoder needs as many levels as the encoder, {len(encoder)}, "
                f"not {len(decoder)}"
            )
        widths = [width * 2**level for level in range(len(encoder) + 1)]
        self.stride: int = 2 ** len(encoder)
        self.scale = scale
        self.intro = nn.Conv2d(3, width, 3, padding=1)
        self.encoder = nn.ModuleList(map(naf_blocks, widths, encoder, [attention] * len(encoder)))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.middle = naf_blocks(widths[-1], middle, attention)
        self.up = nn.ModuleList(_up(a) for a in widths[1:])
        self.decoder = nn.ModuleList(map(naf_blocks, widths, decoder, [attention] * len(decoder)))
        self.head = residual_head(width, scale)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 y x"]:
        """Return the restored images."""
        return restored(x, self._residual, self.stride, self.scale)

    def _residual(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        features: Tensor = self.intro(x)
        for blocks, down in zip(self.encoder, self.down, strict=True):
            features = blocks(features)
            skips.append(features)
            features = down(features)
        features = self.middle(features)
        for level in reversed(range(len(skips))):
            features = self.decoder[level](self.up[level](features) + skips[level])
        residual: Tensor = self.head(features)
        return residual


def naf_blocks(width: int, count: int, attention: bool) -> nn.Sequential:
    """Return blocks one after another."""
    return nn.Sequential(*(NAFBlock(width, attention) for _ in range(count)))


def _up(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, 2 * width, 1, bias=False), nn.PixelShuffle(2))
