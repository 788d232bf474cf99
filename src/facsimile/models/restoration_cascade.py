"""Restores in the order in which light, lens and sensor did harm, last harm first."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from facsimile.models.detail_bands import DetailBands
from facsimile.models.nafnet import NAFBlock, naf_blocks
from facsimile.models.pixel_inpainting import PixelInpainting
from facsimile.models.residual import pad_to_multiple

_COARSE = 8  # the context's pixels are so many of the features' wide


class RestorationCascade(nn.Module):
    """Repair broken pixels, then weigh the detail, then lift what lies in shadow.

    Each step can leave alone what needs no repair: sound pixels are copied, bands of detail get
    weights around 1, light gets a gain around 1. One body reads the image and predicts weights,
    gain and a small correction. It pools over no more than it sees, so that tiles have no seams.

    Args:
        widths: Channels of the body at full and at half size.
        blocks: Its blocks before, at and after half size.
        context_width: Channels of the branch that sees most of a face at a sixteenth of its size.
        inpainting_width: Channels of the net that repairs pixels.
        sigmas: Of the bands, pixels.

    Example:
        >>> tuple(RestorationCascade()(torch.rand(1, 3, 37, 53)).shape)
        (1, 3, 37, 53)
    """

    def __init__(
        self,
        widths: Sequence[int] = (32, 48),
        blocks: Sequence[int] = (2, 4, 2),
        context_width: int = 16,
        inpainting_width: int = 16,
        sigmas: Sequence[float] = (0.6, 1.0, 1.5, 2.2, 3.3, 5.0),
    ) -> None:
        super().__init__()
        full, half = widths
        self.stride: int = 2 * _COARSE
        self.inpainting = PixelInpainting(inpainting_width)
        self.bands = DetailBands(sigmas)
        self.stem = nn.Conv2d(3 * (len(sigmas) + 1) + 1, full, 3, padding=1)
        self.before = naf_blocks(full, blocks[0], attention=False)
        self.down = nn.Conv2d(full, half, 2, 2)
        self.context = Context(half, context_width)
        self.middle = naf_blocks(half, blocks[1], attention=False)
        self.up = nn.Sequential(nn.Conv2d(half, 4 * full, 1), nn.PixelShuffle(2))
        self.after = naf_blocks(full, blocks[2], attention=False)
        self.detail = _silent(nn.Conv2d(full, len(sigmas) + 3, 3, padding=1))
        self.light = _silent(nn.Conv2d(half, 1, 3, padding=1))
        # a blur leaves of the finest bands so much less: what a weight of one adds
        self.reach = nn.Parameter(torch.tensor([4.0 / sigma for sigma in sigmas]))

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Return the restored image, RGB, about 0..1."""
        height, width = x.shape[-2:]
        x = pad_to_multiple(x, self.stride)
        image, broken = self.inpainting(x)
        bands, smooth = self.bands(image)
        scaled = bands * self.reach[:, None, None, None]
        seen = torch.cat([scaled.flatten(1, 2), smooth, broken], 1)
        weights, correction, gain = self._read(seen)
        image = image + (weights[:, :, None] * scaled).sum(1) + correction
        lifted: Tensor = image * gain.exp()
        return lifted[..., :height, :width]

    def _read(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of the bands, a correction, and the logarithm of a gain, all in float32."""
        fine = self.before(self.stem(seen))
        coarse = self.middle(self.context(self.down(fine)))
        detail = self.detail(self.after(fine + self.up(coarse))).float()
        light = self.light(coarse).float()
        gain = functional.interpolate(light, scale_factor=2, mode="bilinear")
        weights, correction = detail.split([detail.shape[1] - 3, 3], 1)
        return weights, correction, gain


class Context(nn.Module):
    """Adds what is to be seen far around a pixel, at an eighth of its size.

    Args:
        width: Channels in and out.
        inner: Channels at an eighth.
    """

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(width, inner, 1)
        self.look = nn.Sequential(
            *(NAFBlock(inner, attention=False, dilation=dilation) for dilation in (1, 2, 4))
        )
        self.widen = nn.Conv2d(inner, width, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return the features, those around them mixed in."""
        around = self.widen(self.look(functional.avg_pool2d(self.narrow(x), _COARSE)))
        return x + functional.interpolate(around, scale_factor=_COARSE, mode="bilinear")


def _silent(layer: nn.Conv2d) -> nn.Conv2d:
    """Let a head begin with 0: the cascade then starts as the identity."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
