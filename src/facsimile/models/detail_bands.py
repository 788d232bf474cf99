"""The detail of an image, band by band, from fine to coarse."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

_REACH = 3.0  # standard deviations that a Gaussian's taps go


class DetailBands(nn.Module):
    """Split off what each of ever wider Gaussian blurs takes away.

    Bands and the last blur sum up to the image. There is nothing to learn. Source: Burt and
    Adelson 1983, without the subsampling.

    Args:
        sigmas: Of the blurs, pixels, ascending.

    Example:
        >>> image = torch.rand(1, 3, 8, 8)
        >>> bands, blurred = DetailBands((1.0, 2.0))(image)
        >>> bool(torch.allclose(bands.sum(1) + blurred, image, atol=1e-6))
        True
    """

    def __init__(self, sigmas: Sequence[float]) -> None:
        super().__init__()
        self.kernels = kernels(sigmas)

    def forward(
        self, x: Float[Tensor, "b c h w"]
    ) -> tuple[Float[Tensor, "b k c h w"], Float[Tensor, "b c h w"]]:
        """Return the bands and what is left, in float32 whatever the net computes in."""
        bands, image = [], x.float()
        with torch.autocast(x.device.type, enabled=False):
            for taps in self.kernels:
                smoother = blurred(image, taps.to(image.device))
                bands.append(image - smoother)
                image = smoother
        return torch.stack(bands, 1), image


def kernels(sigmas: Sequence[float]) -> list[Float[Tensor, " _"]]:
    """Return the taps that make each blur of the one before it: variances add up.

    Raises:
        ValueError: `sigmas` do not ascend from above 0.
    """
    if list(sigmas) != sorted(set(sigmas)) or not sigmas or sigmas[0] <= 0:
        raise ValueError(f"sigmas {list(sigmas)} must ascend from above 0")
    steps = zip((0.0, *sigmas), sigmas, strict=False)
    return [gaussian(math.sqrt(after**2 - before**2)) for before, after in steps]


def gaussian(sigma: float) -> Float[Tensor, " n"]:
    """Return the taps of a Gaussian, of sum 1."""
    radius = max(1, math.ceil(_REACH * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    return taps / taps.sum()


def blurred(x: Float[Tensor, "b c h w"], taps: Float[Tensor, " n"]) -> Float[Tensor, "b c h w"]:
    """Filter rows and columns of an image that goes on mirrored, as what blurred it assumed.

    An image no larger than the kernel's half has too little to mirror: its border is repeated.
    """
    channels, reach = int(x.shape[1]), len(taps) // 2  # int: an exported kernel has a known shape
    mirrors = min(x.shape[-2:]) > reach
    padded = functional.pad(x, [reach] * 4, "reflect" if mirrors else "replicate")
    rows = functional.conv2d(padded, taps.expand(channels, 1, 1, -1), groups=channels)
    return functional.conv2d(rows, taps[:, None].expand(channels, 1, -1, 1), groups=channels)
