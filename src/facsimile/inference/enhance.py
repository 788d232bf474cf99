"""A restoration net on images of any size, with or without colour and alpha, of 8 or 16 bits."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float32, UInt
from torch import Tensor, nn

from facsimile.errors import UserError
from facsimile.inference.precision import autocast
from facsimile.inference.reach import measured_reach, stride_of
from facsimile.inference.tiles import Span, span, spans

Pixels = UInt[np.ndarray, "_ _ _"]

_LUMA = torch.tensor([0.299, 0.587, 0.114])  # ITU-R BT.601
_WHOLE = 4_000_000  # pixels that a net is given at once which looks at all of an image


class Enhancer:
    """Restores images tile by tile, each as it would come out of the whole image.

    A tile is seen with as much around it as the net looks at, and only the tile is kept: tiles abut
    without a seam, and there is nothing to blend. At the image's own border they end with it.

    Args:
        net: RGB in 0..1 to RGB of the same size, or of a multiple of it; of any number of pixels.
        tile: Side of what is kept of one run, pixels.
        overlap: How far the net looks beyond it; None is `net.reach`, or else what is measured.
        precision: Format of the arithmetic; None is float32.
    """

    def __init__(
        self,
        net: nn.Module,
        tile: int = 512,
        overlap: int | None = None,
        precision: torch.dtype | None = None,
    ) -> None:
        self.net = net.eval().to(memory_format=torch.channels_last)
        self.tile, self.precision = tile, precision
        self._given = overlap
        self.stride = stride_of(net)

    @cached_property
    def overlap(self) -> int | None:
        """Pixels around a tile that decide how it comes out; None where all of the image does."""
        if self._given is not None:
            return self._given
        stated: int | None = getattr(self.net, "reach", None)
        return measured_reach(self.net) if stated is None else stated

    @cached_property
    @torch.inference_mode()
    def scale(self) -> int:
        """How many times as high and wide the result is."""
        side = 2 * self.stride
        return int(self.net(torch.zeros(1, 3, side, side)).shape[-1]) // side

    def __call__(self, pixels: Pixels) -> Pixels:
        """Restore an image.

        Args:
            pixels: uint8 or uint16; grey, grey and alpha, RGB or RGB and alpha. Grey goes through
                the net as RGB and comes back as luminance, alpha passes by.

        Returns:
            Likewise, `scale` times as high and wide.

        Raises:
            UserError: See `bands`.
        """
        return np.concatenate([band for _, band in self.bands(pixels)])

    def part(self, pixels: Pixels, rows: slice, columns: slice) -> Pixels:
        """Restore a part of an image, as it would come out of the whole image.

        Args:
            pixels: The whole, as for a call.
            rows: Of the part, from `start` to before `stop`.
            columns: Likewise.

        Returns:
            The part, `scale` times as high and wide.

        Raises:
            UserError: See `bands`.
        """
        sides = zip((rows, columns), pixels.shape, strict=False)
        down, across = (self._span(one.start, one.stop, length) for one, length in sides)
        seen = pixels[down.first : down.last, across.first : across.last]
        restored = self(np.ascontiguousarray(seen))
        return restored[_scaled(down, self.scale), _scaled(across, self.scale)]

    def bands(self, pixels: Pixels) -> Iterator[tuple[slice, Pixels]]:
        """Restore an image band by band, from the top.

        Args:
            pixels: As for a call. Rows may be overwritten once their band is there.

        Yields:
            The image's rows, and what becomes of them.

        Raises:
            UserError: The image is too large for a net that looks at all of it.
        """
        height, width = pixels.shape[:2]
        rows, columns = self._spans(height, width)
        above = pixels[:0]
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            seen = np.concatenate([above, pixels[row.start : row.last]])
            if following is not None:
                above = seen[following.first - row.first : row.stop - row.first].copy()
            yield slice(row.start, row.stop), self._band(seen, row, columns)

    def _spans(self, height: int, width: int) -> tuple[list[Span], list[Span]]:
        if max(height, width) <= self.tile:
            return [Span(0, height, 0, height)], [Span(0, width, 0, width)]
        if self.overlap is not None:
            rows, columns = (
                spans(side, self.tile, self.overlap, self.stride) for side in (height, width)
            )
            return rows, columns
        if height * width > _WHOLE:
            raise UserError(
                f"this net looks at all of an image at once, and {width} x {height} pixels are too "
                "many for that: give enhance.overlap=64 for tiles, whose seams may show"
            )
        return [Span(0, height, 0, height)], [Span(0, width, 0, width)]

    def _span(self, start: int, stop: int, length: int) -> Span:
        if self.overlap is None:
            return Span(start, stop, 0, length)
        return span(start, stop, length, self.overlap, self.stride)

    def _band(self, seen: Pixels, row: Span, columns: list[Span]) -> Pixels:
        height, width, channels = seen[row.kept].shape
        scale = self.scale
        band = np.empty((scale * height, scale * width, channels), seen.dtype)
        colours = 1 if channels < 3 else 3
        for column in columns:
            part = self._restored(seen[:, column.first : column.last, :colours], row, column)
            band[:, scale * column.start : scale * column.stop, :colours] = part
        band[..., colours:] = _enlarged(seen[row.kept, :, colours:], scale)
        return band

    @torch.inference_mode()
    def _restored(self, part: Pixels, row: Span, column: Span) -> Pixels:
        """What is kept of a part, grey or RGB."""
        highest = np.iinfo(part.dtype).max
        with autocast(self.precision):
            restored = self.net(_tensor(part, highest))
        kept = restored[0].float().permute(1, 2, 0)[_scaled(row, self.scale)]
        kept = kept[:, _scaled(column, self.scale)].clamp(0, 1)
        if part.shape[2] == 1:
            kept = (kept @ _LUMA)[..., None]
        return np.asarray((kept * highest).round().numpy().astype(part.dtype))


def _tensor(part: Pixels, highest: int) -> Tensor:
    values: Float32[np.ndarray, "h w c"] = part.astype(np.float32)
    image = torch.from_numpy(values).div_(highest).permute(2, 0, 1)[None].expand(-1, 3, -1, -1)
    return image.contiguous(memory_format=torch.channels_last)


def _scaled(span: Span, scale: int) -> slice:
    return slice(scale * span.kept.start, scale * span.kept.stop)


def _enlarged(pixels: Pixels, scale: int) -> Pixels:
    return pixels if scale == 1 else pixels.repeat(scale, 0).repeat(scale, 1)
