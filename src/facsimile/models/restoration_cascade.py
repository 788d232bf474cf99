"""Restores in the order in which light, lens and sensor did harm, last harm first."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from facsimile.models.deblurring import undoing_weights, width_weights
from facsimile.models.detail_bands import DetailBands
from facsimile.models.nafnet import NAFBlock, naf_blocks
from facsimile.models.pixel_inpainting import PixelInpainting
from facsimile.models.residual import pad_to_multiple

_CELL = 8  # pixels that a pixel of the context is wide
_POWER_CELLS = 9  # of the square over which powers are averaged
_WIDTH_CELLS = 25  # of that for the blur's width: it hardly changes within a picture
_SPEED = 4.0  # of what is learned about the blur's width
_STEEP = 5.0  # how soon less light than nothing counts as nothing
_FAINT = 1e-7  # power of a band that holds nothing
_SHRUNK = 0.2  # logarithms of powers, to about -1 to 1


class RestorationCascade(nn.Module):
    """Repair broken pixels, undo the blur, then lift what is in shadow.

    Each step can leave alone what needs no repair: sound pixels are copied, a width of 0 undoes
    nothing, a gain of 1 lifts nothing. The width of the blur is read off the powers of bands of
    detail, to begin with by a formula. One body reads the image at half its size, its context,
    which sees most of a face, at an eighth; they see no colours, of which a few people in training
    teach nothing. Nothing is averaged over the whole image, so that tiles have no seams.

    Of faces that it has not learned from, it tells the blur's width to a few per cent only, and too
    wide costs more than too narrow. So in training every width is wrong by `doubt`, too narrow and
    too wide by turns: the net learns to err on the side that costs less.

    Args:
        width: Channels of the body.
        blocks: Its blocks before and after the context.
        context_width: Channels of the context.
        dilations: One block of the context each.
        inpainting_width: Channels of the net that repairs pixels.
        sigmas: Of the bands of detail, pixels.
        blurs: Sigmas of the blurs that it knows how to undo, pixels; between them it interpolates.
        doubt: Share by which a blur's width is wrong in training.

    Example:
        >>> tuple(RestorationCascade()(torch.rand(1, 3, 37, 53)).shape)
        (1, 3, 37, 53)
    """

    undoing: Float[Tensor, "blurs bands"]
    scales: Float[Tensor, "1 bands 1 1"]

    def __init__(
        self,
        width: int = 32,
        blocks: Sequence[int] = (1, 2),
        context_width: int = 48,
        dilations: Sequence[int] = (1, 2, 4, 2, 1),
        inpainting_width: int = 16,
        sigmas: Sequence[float] = (0.5, 0.8, 1.1, 1.4, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0),
        blurs: Sequence[float] = (0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4, 2.7, 3.0, 3.4),
        doubt: float = 0.06,
    ) -> None:
        super().__init__()
        self.stride: int = _CELL
        self.doubt = doubt
        self.inpainting = PixelInpainting(inpainting_width)
        self.bands = DetailBands(sigmas)
        self.least: int = 1 + max(len(taps) // 2 for taps in self.bands.kernels)  # to be mirrored
        self.stem = nn.Conv2d(4 * (2 + len(sigmas)), width, 3, padding=1)
        self.before = naf_blocks(width, blocks[0], attention=False)
        self.context = Context(2 * width + 2 * len(sigmas) + 1, context_width, dilations)
        self.widen = nn.Conv2d(context_width, width, 1)
        self.after = naf_blocks(width, blocks[1], attention=False)
        self.light = _silent(nn.Conv2d(width, 1, 3, padding=1))
        self.coarse = _silent(nn.Conv2d(context_width + len(sigmas), 2, 1))  # width and light
        self._begin(sigmas, blurs)

    def _begin(self, sigmas: Sequence[float], blurs: Sequence[float]) -> None:
        """What is known before any training."""
        undoing = np.diff(undoing_weights(sigmas, blurs), axis=0, prepend=0)
        weights, offset = width_weights(sigmas, blurs)
        self.coarse.weight.data[0, -len(sigmas) :, 0, 0] = torch.tensor(weights / _SPEED / _SHRUNK)
        self.coarse.bias = nn.Parameter(torch.tensor([offset / _SPEED, 0.0]))
        self.register_buffer("undoing", torch.tensor(undoing).float())
        scales = torch.tensor([4.0 / sigma for sigma in sigmas]).view(1, -1, 1, 1)
        self.register_buffer("scales", scales)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Return the restored image, RGB, about 0..1."""
        height, width = x.shape[-2:]
        image, broken = self.inpainting(x)
        bands, _ = self.bands(image.detach())
        read = self._read(*self._seen(image.detach(), broken, bands))
        blur, light = (part[..., :height, :width] for part in read)
        if self.training:
            blur = self._doubted(blur)
        lifted: Tensor = (image + self._undone(blur, bands)) * light.exp()
        return lifted

    @torch.no_grad()
    def _seen(self, image: Tensor, broken: Tensor, bands: Tensor) -> tuple[Tensor, Tensor]:
        """What the body reads, at half the size, and the context, at an eighth."""
        detail = bands.mean(2)
        darkness = 0.5 * torch.log(image.mean(1, keepdim=True).clamp_min(0) + 0.02) + 0.5
        maps = torch.cat([darkness, broken, detail * self.scales, detail**2], 1)
        padded = pad_to_multiple(maps, _CELL)
        fine, power = padded[:, : -detail.shape[1]], padded[:, -detail.shape[1] :]
        near = functional.avg_pool2d(power, _CELL)
        wide = _averaged(near, _POWER_CELLS)
        level = functional.avg_pool2d(fine[:, :1], _CELL)
        powers = [_SHRUNK * torch.log(power + _FAINT) + 2 for power in (near, wide)]
        return functional.pixel_unshuffle(fine, 2), torch.cat([level, *powers], 1)

    def _read(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        """Width of the blur in steps of `blurs`, and the light's logarithm."""
        body = self.before(self.stem(fine))
        context = self.context(body, coarse)
        body = self.after(body + _enlarged(self.widen(context), _CELL // 2))
        powers = coarse[:, -len(self.bands.kernels) :]
        blur, light = self.coarse(torch.cat([context, powers], 1)).float().chunk(2, 1)
        blur = _enlarged(_averaged(blur, _WIDTH_CELLS), _CELL)
        light = _enlarged(light, _CELL) + _enlarged(self.light(body).float(), 2)
        # what lies well below 0 is exactly 0: no blur, no shadow
        return functional.gelu(_SPEED * blur), functional.gelu(_STEEP * light) / _STEEP

    def _doubted(self, blur: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
        """Too narrow for the even images of a batch, too wide for the odd ones."""
        side = 2 * (torch.arange(len(blur), device=blur.device) % 2) - 1
        return blur * (1 + self.doubt * side.view(-1, 1, 1, 1))

    def _undone(
        self, blur: Float[Tensor, "b 1 h w"], bands: Float[Tensor, "b k c h w"]
    ) -> Float[Tensor, "b c h w"]:
        """What undoing the blur adds."""
        with torch.autocast(blur.device.type, enabled=False):
            first, *others = range(len(self.undoing))
            steps = [blur.clamp_max(1), *((blur - step).clamp(0, 1) for step in others)]
            weights = torch.einsum("bshw,sk->bkhw", torch.cat(steps, 1), self.undoing)
            return (weights[:, :, None] * bands).sum(1)


class Context(nn.Module):
    """Sees far around a cell of 8 pixels.

    Args:
        seen: Channels of what it is told: twice the body's, and those at its own size.
        width: Channels that it gives.
        dilations: One block each.
    """

    def __init__(self, seen: int, width: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(seen, width, 1)
        blocks = (NAFBlock(width, attention=False, dilation=dilation) for dilation in dilations)
        self.blocks = nn.Sequential(*blocks)

    def forward(
        self, body: Float[Tensor, "b c h w"], coarse: Float[Tensor, "b d y x"]
    ) -> Float[Tensor, "b e y x"]:
        """Return features at an eighth of the image's size, a quarter of the body's."""
        size = _CELL // 2
        pooled = functional.avg_pool2d(body, size), functional.max_pool2d(body, size)
        features: Tensor = self.blocks(self.stem(torch.cat([*pooled, coarse], 1)))
        return features


def _averaged(x: Tensor, cells: int) -> Tensor:
    return functional.avg_pool2d(x, cells, 1, cells // 2, count_include_pad=False)


def _enlarged(x: Tensor, times: int) -> Tensor:
    return functional.interpolate(x, scale_factor=float(times), mode="bilinear")


def _silent(layer: nn.Conv2d) -> nn.Conv2d:
    """Let a head begin with 0: the cascade then starts from what it knows."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
