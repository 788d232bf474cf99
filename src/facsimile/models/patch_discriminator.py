"""Tells patches of pictures from patches of what a net made: a U-Net with two answers."""

from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2  # of LeakyReLU
MOST_CHANNELS, MOST_LAYERS = 512, 9


def receptive_field(strides: tuple[int, ...]) -> int:
    """Side of what one output of 3x3 convolutions of these strides sees, pixels.

    >>> receptive_field((2, 2))
    7
    """
    field, jump = 1, 1
    for stride in strides:
        field, jump = field + 2 * jump, jump * stride
    return field


def strides_for(patch_size: int) -> tuple[int, ...]:
    """The fewest 3x3 convolutions, the first of stride 2, that see about `patch_size` pixels.

    Of as many, those with the larger strides.

    >>> strides_for(16), receptive_field(strides_for(16))
    ((2, 2, 2), 15)
    """
    candidates = [
        (2, *rest) for count in range(MOST_LAYERS) for rest in product((1, 2), repeat=count)
    ]
    return min(
        candidates,
        key=lambda s: (abs(receptive_field(s) - patch_size), receptive_field(s), len(s), -sum(s)),
    )


class PatchDiscriminator(nn.Module):
    """Logits of being real for patches of about `patch_size` pixels, and for every pixel.

    DeepFaceLab's UNetPatchDiscriminator, after Schonfeld et al. 2020, "A U-Net Based
    Discriminator for Generative Adversarial Networks".

    Args:
        resolution: Side of the images, pixels.
        patch_size: What one answer of the bottleneck sees, pixels; null: an eighth of the side.
        width: Channels at full size, doubled by each convolution.

    Example:
        >>> patches, pixels = PatchDiscriminator(64, 16, width=4)(torch.rand(2, 3, 64, 64))
        >>> tuple(patches.shape), tuple(pixels.shape)
        ((2, 1, 8, 8), (2, 1, 64, 64))
    """

    def __init__(self, resolution: int, patch_size: int | None = None, width: int = 16) -> None:
        super().__init__()
        strides = strides_for(patch_size or max(3, resolution // 8))
        widths = [min(width * 2**level, MOST_CHANNELS) for level in range(len(strides) + 1)]
        self.first = nn.Conv2d(3, widths[0], 1)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride, 1)
            for a, b, stride in zip(widths, widths[1:], strides, strict=False)
        )
        self.patches = nn.Conv2d(widths[-1], 1, 1)
        self.middle = nn.Conv2d(widths[-1], widths[-1], 1)
        # all but the deepest take what came up joined with what went down at their level
        doubled = [*(2 * b for b in widths[1:-1]), widths[-1]]
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(b, a, 3, stride, 1)
            for a, b, stride in reversed(list(zip(widths, doubled, strides, strict=False)))
        )
        self.pixels = nn.Conv2d(2 * widths[0], 1, 1)

    def forward(
        self, x: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 1 p q"], Float[Tensor, "b 1 h w"]]:
        """Logits of the patches and of the pixels; images in 0..1."""
        x = _activate(self.first(x))
        skips = []
        for down in self.down:
            skips.append(x)
            x = _activate(down(x))
        patches, x = self.patches(x), _activate(self.middle(x))
        for up, skip in zip(self.up, reversed(skips), strict=True):
            x = _activate(up(x, output_size=list(skip.shape[-2:])))
            x = torch.cat([skip, x], dim=1)
        return patches, self.pixels(x)


def _activate(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, SLOPE)
