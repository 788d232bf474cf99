"""Dividing a large image into parts that a net is given one by one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Pixels start..stop-1 of a side that are kept of what a net makes of first..last-1."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def kept(self) -> slice:
        """Which part of what the net has seen that is."""
        return slice(self.start - self.first, self.stop - self.first)


def spans(length: int, core: int, overlap: int, stride: int) -> list[Span]:
    """Divide a side into about even cores of at most about `core` pixels, without a gap.

    All that is seen begins at a multiple of the stride, and ends at one or with the image: a net
    that halves its grid halves it there as in the whole image.

    Args:
        length: Of the side, pixels.
        core: How many are kept of one part.
        overlap: How far the net looks beyond it; rounded up to the stride.
        stride: Of the net.

    >>> spans(100, 50, 10, 4)
    [Span(start=0, stop=52, first=0, last=64), Span(start=52, stop=100, first=40, last=100)]
    """
    count = -(-length // max(core, stride))
    step = _up(-(-length // count), stride)
    return [
        span(start, min(start + step, length), length, overlap, stride)
        for start in range(0, length, step)
    ]


def span(start: int, stop: int, length: int, overlap: int, stride: int) -> Span:
    """What has to be seen of a side for its pixels start..stop-1, on the grid of the whole.

    >>> span(50, 61, 100, 10, 4)
    Span(start=50, stop=61, first=40, last=72)
    """
    first = max(0, start - overlap) // stride * stride
    return Span(start, stop, first, min(length, _up(stop + overlap, stride)))


def _up(value: int, stride: int) -> int:
    return -(-value // stride) * stride
