"""How far a net looks: which pixels of its input a pixel of its output depends on."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

_TRIED = (128, 512, 1024)  # pixels; a net that looks farther is taken to look at everything
_EXACT = 1e-5  # a change of the output that arithmetic makes by itself
_ROWS = 32


def stride_of(net: nn.Module) -> int:
    """The multiple of pixels at which the net's grids begin; large where it does not say."""
    return int(getattr(net, "stride", _ROWS))


@torch.inference_mode()
def measured_reach(net: nn.Module) -> int | None:
    """How many pixels beyond its own place an output depends on its input, at most.

    A strip of the input is replaced, by NaN (which passes through every sum and maximum) and by
    other values (which pass where pixels are compared), in pictures of several kinds. The strip
    has the width of the net's stride, so that all places on its grids are met.

    Args:
        net: Images to images of the same size, or a multiple of it; in evaluation mode.

    Returns:
        Pixels of the input; None where it is more than 1,024, as with a mean over all pixels.
    """
    return next((reach for most in _TRIED if (reach := _within(net, most)) is not None), None)


def _within(net: nn.Module, most: int) -> int | None:
    """The reach, if it is no more than about `most` pixels."""
    found = []
    for axis in (2, 3):
        for x in _pictures(net, most, axis):
            if (spread := _spread(net, x, most, axis)) is None:
                return None
            found.append(spread)
    return max(found)


def _pictures(net: nn.Module, most: int, axis: int) -> Iterator[Tensor]:
    stride = stride_of(net)
    generator = torch.Generator().manual_seed(0)
    across, along = max(_ROWS, stride), -(-most // stride) * 2 * stride + stride
    shape = (1, 3, along, across) if axis == 2 else (1, 3, across, along)
    noise = torch.rand(shape, generator=generator)
    yield noise
    yield noise * 0.2 + 0.4
    broken = torch.rand(shape[2:], generator=generator)
    yield torch.where(broken < 0.35, 0.0, torch.where(broken > 0.65, 1.0, noise))


def _spread(net: nn.Module, x: Tensor, most: int, axis: int) -> int | None:
    """How far a change in the middle of one side of a picture is seen."""
    stride, usual = stride_of(net), net(x)
    start = -(-most // stride) * stride
    changed = torch.zeros(x.shape[axis], dtype=torch.bool)
    for strip in (torch.nan, 0.0, 0.5):
        other = x.clone()
        other.narrow(axis, start, stride).fill_(strip)
        differs = ~((net(other) - usual).abs() <= _EXACT)  # NaN is no less than anything
        seen = differs.amax((0, 1, 5 - axis))
        changed |= seen.unflatten(0, (x.shape[axis], -1)).amax(1)
    places = changed.nonzero().flatten()
    if not len(places):
        return 0
    first, last = int(places[0]), int(places[-1])
    if first == 0 or last == x.shape[axis] - 1:
        return None
    return max(start - first, last - (start + stride - 1), 0)
