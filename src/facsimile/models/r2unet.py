"""Recurrent residual U-Net that restores an image."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from facsimile.models.residual import pooled_levels, residual_head, restored


class StepNorm(nn.Module):
    """Batch normalisation with one affine pair and running statistics of its own per step.

    The steps of a recurrent unit see different distributions. One running mean for all of them
    fits none and breaks evaluation mode (about 9 dB on salt and pepper).
    """

    def __init__(self, width: int, steps: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(steps, width))
        self.register_buffer("running_var", torch.ones(steps, width))

    def forward(self, x: Float[Tensor, "b c h w"], step: int) -> Float[Tensor, "b c h w"]:
        """Normalise `x`, the output of recurrent step `step` (from 0)."""
        return functional.batch_norm(
            x,
            self.running_mean[step],
            self.running_var[step],
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )


class RecurrentUnit(nn.Module):
    """One 3x3 convolution applied `steps` times: h = f(x), then h = f(x + h).

    Source: Alom et al. 2018, "Recurrent Residual Convolutional Neural Network based on U-Net".
    """

    def __init__(self, width: int, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = StepNorm(width, steps)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return the last step's activation."""
        hidden = self._step(x, 0)
        for step in range(1, self.steps):
            hidden = self._step(x + hidden, step)
        return hidden

    def _step(self, x: Tensor, step: int) -> Tensor:
        return functional.gelu(self.norm(self.conv(x), step), approximate="tanh")


class EncoderLevel(nn.Module):
    """A 1x1 projection to `width`, two recurrent units, and the projection added back."""

    def __init__(self, in_channels: int, width: int, steps: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(in_channels, width, 1)
        self.units = nn.Sequential(RecurrentUnit(width, steps), RecurrentUnit(width, steps))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d h w"]:
        """Return features of the same height and width."""
        projected: Tensor = self.project(x)
        features: Tensor = self.units(projected)
        return projected + features


class DecoderLevel(nn.Module):
    """Doubles height and width, joins the encoder's features and fuses both."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, width, 2, stride=2)
        self.conv = nn.Conv2d(2 * width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(
        self, x: Float[Tensor, "b c h w"], skip: Float[Tensor, "b d y x"]
    ) -> Float[Tensor, "b d y x"]:
        """Return features of the size of `skip`."""
        joined = torch.cat([self.up(x), skip], dim=1)
        return functional.gelu(self.norm(self.conv(joined)), approximate="tanh")


class R2UNet(nn.Module):
    """Adds a predicted residual to an RGB image in 0..1 of any height and width.

    A reconstruction consistent with the paper's figure 6: at the default widths it has its
    134,067 trainable parameters, whatever the number of recurrent `steps`. The output is not
    clamped; with `scale` 2 it is twice as large (super-resolution).

    >>> sum(p.numel() for p in R2UNet().parameters())
    134067
    >>> R2UNet()(torch.rand(1, 3, 9, 14)).shape
    torch.Size([1, 3, 9, 14])
    """

    def __init__(
        self, widths: Sequence[int] = (16, 32, 64), steps: int = 2, scale: int = 1
    ) -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"steps must be at least 1, not {steps}")
        self.scale = scale
        self.stride: int = 2 ** (len(widths) - 1)
        self.encoder = nn.ModuleList(EncoderLevel(a, b, steps) for a, b in pairwise((3, *widths)))
        self.decoder = nn.ModuleList(DecoderLevel(a, b) for a, b in pairwise(widths[::-1]))
        self.head = residual_head(widths[0], scale)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 y x"]:
        """Return the restored images."""
        return restored(x, self._residual, self.stride, self.scale)

    def _residual(self, features: Tensor) -> Tensor:
        *skips, features = pooled_levels(self.encoder, features)
        for level, skip in zip(self.decoder, reversed(skips), strict=True):
            features = level(features, skip)
        residual: Tensor = self.head(features)
        return residual
