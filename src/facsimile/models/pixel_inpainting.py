"""Finds pixels that salt-and-pepper noise has broken, and repairs them alone."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

_EXTREME = 0.5 / 255  # what rounds to black or to white
_RADII = (1, 3)  # of the windows that a broken pixel is first filled from


class PixelInpainting(nn.Module):
    """Rewrite pixels that are black or white in all channels; every other one is copied.

    A first guess, the mean of the sound pixels around it, is corrected by a small net, which also
    tells a highlight from a broken pixel.

    Args:
        width: Channels of the net.

    Example:
        >>> speck = torch.full((1, 3, 5, 5), 0.5)
        >>> speck[..., 2, 2] = 1
        >>> image, broken = PixelInpainting(4)(speck)
        >>> float(broken.sum()), bool((image[..., 0, :] == 0.5).all())
        (1.0, True)
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(4, width, 3, padding=1, padding_mode="replicate"),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate"),
            nn.GELU(),
            nn.Conv2d(width, 4, 3, padding=1, padding_mode="replicate"),
        )

    def forward(
        self, x: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 3 h w"], Float[Tensor, "b 1 h w"]]:
        """Return the repaired image and 1 where a pixel was broken."""
        broken = extreme(x).to(x.dtype)
        guess = filled(x, broken)
        correction, doubt = self.net(torch.cat([guess, broken], 1)).float().split([3, 1], 1)
        opacity = broken * torch.sigmoid(4 - doubt)
        return x + opacity * (guess + correction - x), broken


def extreme(x: Float[Tensor, "b 3 h w"]) -> Bool[Tensor, "b 1 h w"]:
    """Return where all channels are black, or all white."""
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    return (high < _EXTREME) | (low > 1 - _EXTREME)


def filled(
    x: Float[Tensor, "b 3 h w"], broken: Float[Tensor, "b 1 h w"]
) -> Float[Tensor, "b 3 h w"]:
    """Replace broken pixels by the mean of the sound ones near them, where there are any.

    >>> x, broken = torch.tensor([[[[0.2, 1.0, 0.4]]]]).expand(1, 3, 1, 3), torch.zeros(1, 1, 1, 3)
    >>> broken[..., 1] = 1
    >>> [round(float(v), 3) for v in filled(x, broken)[0, 0, 0]]
    [0.2, 0.3, 0.4]
    """
    sound, guess = 1 - broken, x
    for radius in sorted(_RADII, reverse=True):  # the nearest speak last
        window = (2 * radius + 1, 1, radius)
        weight = functional.avg_pool2d(sound, *window)
        mean = functional.avg_pool2d(x * sound, *window) / weight.clamp_min(1e-6)
        guess = torch.where((broken > 0) & (weight > 0), mean, guess)
    return guess
