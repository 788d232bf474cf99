"""From a face to its code: the convolutional encoder and the dense bottleneck."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_layers import Down, Res, Up

EPSILON = 1e-6  # of the pixel norm


def grid_side(resolution: int, double_resolution: bool, deep: bool) -> int:
    """Side of the grid that the bottleneck opens into.

    Args:
        resolution: Side of the face, pixels.
        double_resolution: The decoder's head doubles the side, so the grid is half as large.
        deep: The encoder halves once more.

    Raises:
        ValueError: The side cannot be halved that often.

    Example:
        >>> grid_side(128, double_resolution=False, deep=False)
        8
    """
    step = 32 if double_resolution or deep else 16
    if resolution < step or resolution % step:
        lower = max(step, resolution // step * step)
        raise ValueError(
            f"resolution must be a multiple of {step}"
            + (" with double_resolution or deep" if step == 32 else "")
            + f", not {resolution}: write {lower} or {lower + step}"
        )
    return resolution // (32 if double_resolution else 16)


class Encoder(nn.Module):
    """Downs of e, 2e, 4e and 8e channels, flattened.

    Args:
        resolution: Side of the face, pixels.
        encoder_dim: e.
        pixel_norm: Scale the features to a root mean square of one (Karras et al. 2018, PGGAN,
            section 4.2).
        deep: A fifth Down of 8e channels, and a Res after the first and after the last one.
        cosine: x cos x instead of LeakyReLU.
    """

    def __init__(
        self,
        resolution: int,
        encoder_dim: int,
        pixel_norm: bool = False,
        deep: bool = False,
        cosine: bool = False,
    ) -> None:
        super().__init__()
        factors = (1, 2, 4, 8, 8) if deep else (1, 2, 4, 8)
        widths = [3, *(encoder_dim * factor for factor in factors)]
        layers: list[nn.Module] = []
        for level, (width, after) in enumerate(zip(widths, widths[1:], strict=False)):
            layers.append(Down(width, after, cosine))
            if deep and level in (0, len(factors) - 1):
                layers.append(Res(after, cosine))
        self.downs = nn.Sequential(*layers)
        self.pixel_norm = pixel_norm
        self.features = (resolution // 2 ** len(factors)) ** 2 * widths[-1]

    def forward(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b features"]:
        """Features of the face, channel by channel."""
        features = cast(Tensor, self.downs(x).flatten(1))
        if not self.pixel_norm:
            return features
        wide = features.float()  # a mean of squares over thousands of values
        return wide * torch.rsqrt(wide.square().mean(1, keepdim=True) + EPSILON)


class Inter(nn.Module):
    """Two dense layers without activation between them, a grid of s x s, and an Up.

    Args:
        features: What comes in.
        code_dim: Width of the bottleneck.
        inter_dim: Channels of what goes out.
        side: s.
        up: Whether there is the Up; the deep variant has it in the decoders instead.
        cosine: x cos x instead of LeakyReLU.
    """

    def __init__(
        self,
        features: int,
        code_dim: int,
        inter_dim: int,
        side: int,
        up: bool = True,
        cosine: bool = False,
    ) -> None:
        super().__init__()
        self.side = side
        self.squeeze = nn.Linear(features, code_dim)
        self.expand = nn.Linear(code_dim, side**2 * inter_dim)
        self.up: nn.Module = Up(inter_dim, inter_dim, cosine) if up else nn.Identity()

    def forward(self, features: Float[Tensor, "b features"]) -> Float[Tensor, "b inter h h"]:
        """The code as a map: h = 2s with the Up, else s."""
        code = self.expand(self.squeeze(features))
        return cast(Tensor, self.up(code.unflatten(1, (-1, self.side, self.side))))
