"""From a code to a face and to its mask."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_layers import Res, SubpixelHead, Up


class ImageDecoder(nn.Module):
    """An Up and a Res for every width, a convolution to RGB, and a sigmoid.

    Args:
        channels_in: Of the code.
        decoder_dims: Widths: three, or four where `deep`. DeepFaceLab's are (8d, 4d, 2d), deep
            (8d, 8d, 4d, 2d).
        double_resolution: Four convolutions whose outputs are interleaved double the side.
        deep: See `decoder_dims`.
        cosine: x cos x instead of LeakyReLU.

    Raises:
        ValueError: Another number of widths.
    """

    def __init__(
        self,
        channels_in: int,
        decoder_dims: Sequence[int],
        double_resolution: bool = False,
        deep: bool = False,
        cosine: bool = False,
    ) -> None:
        super().__init__()
        _check(decoder_dims, deep)
        channels = [channels_in, *decoder_dims]
        layers: list[nn.Module] = []
        for width, after in zip(channels, decoder_dims, strict=False):
            layers += [Up(width, after, cosine), Res(after, cosine)]
        self.body = nn.Sequential(*layers)
        last = channels[-1]
        self.head = SubpixelHead(last, 3) if double_resolution else nn.Conv2d(last, 3, 1)

    def forward(self, code: Float[Tensor, "b inter h h"]) -> Float[Tensor, "b 3 r r"]:
        """In 0..1."""
        return torch.sigmoid(self.head(self.body(code)))


class MaskDecoder(nn.Module):
    """Ups of 8m, 4m and 2m channels, a 1x1 convolution and a sigmoid.

    Args:
        channels_in: Of the code.
        mask_dim: m.
        double_resolution: One more Up, of m channels.
        deep: A second Up of 8m channels.
        cosine: x cos x instead of LeakyReLU.
    """

    def __init__(
        self,
        channels_in: int,
        mask_dim: int,
        double_resolution: bool = False,
        deep: bool = False,
        cosine: bool = False,
    ) -> None:
        super().__init__()
        factors = [8, 8, 4, 2] if deep else [8, 4, 2]
        factors += [1] if double_resolution else []
        channels = [channels_in, *(factor * mask_dim for factor in factors)]
        self.body = nn.Sequential(
            *(
                Up(width, after, cosine)
                for width, after in zip(channels, channels[1:], strict=False)
            )
        )
        self.head = nn.Conv2d(channels[-1], 1, 1)

    def forward(self, code: Float[Tensor, "b inter h h"]) -> Float[Tensor, "b 1 r r"]:
        """In 0..1."""
        return torch.sigmoid(self.head(self.body(code)))


def _check(decoder_dims: Sequence[int], deep: bool) -> None:
    example = [64, 64, 48, 24] if deep else [64, 48, 24]
    if len(decoder_dims) != len(example):
        raise ValueError(
            f"decoder_dims must be {len(example)} widths {'with' if deep else 'without'} deep, "
            f"not {list(decoder_dims)}: write for example {example}"
        )
