"""What an MP4 or MOV file claims of itself, read from its boxes before a decoder believes it."""

import os
import struct
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Protocol, runtime_checkable

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"udta", b"edts", b"mvex")
_DEPTH = 10  # FFmpeg goes no deeper either
_MOST = 1_000_000  # boxes that are looked at: a day of fragments of a second has fewer
_TABLES = 1000  # of a track; ten are usual
_OWN_FIELDS = 0xF00  # flags of a trun whose samples have fields of their own
_TOGETHER = 1024  # samples that FFmpeg's index takes together where each lasts one tick

_Box = tuple[bytes, int, int]  # its kind, and where its content starts and ends
_Tables = dict[bytes, tuple[int, int]]
_NONE = (0, 0)


@runtime_checkable
class Seekable(Protocol):
    """A file object, or what is read like one."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a place."""

    def read(self, size: int = ..., /) -> bytes | None:
        """At most `size` bytes."""


def claimed_samples(file: Seekable) -> int:
    """Samples that a file claims without a byte for each, and that FFmpeg would index one by one.

    12 bytes can claim four thousand million: as samples of one size (`stsz`), as chunks of sound
    whose samples last one tick (`stsc`), or as a fragment of defaults (`trun`); boxes and fields
    are those of ISO/IEC 14496-12. A file of another format claims nothing.
    """
    end = file.seek(0, os.SEEK_END)
    return sum(_claimed(file, box) for box in islice(_boxes(file, 0, end, _DEPTH), _MOST))


def _boxes(file: Seekable, start: int, end: int, depth: int) -> Iterator[_Box]:
    """The boxes between two places, each before those that it contains."""
    while start + 8 <= end:
        head = _read(file, start, start + 16)
        if len(head) < 8:  # a damaged archive's member may end before it says so
            return
        size, kind = struct.unpack_from(">I4s", head)
        content = 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack_from(">8xQ", head)[0], 16
        stop = min(start + size, end) if size else end
        if stop < start + content:
            return
        yield kind, start + content, stop
        if kind in _CONTAINERS and depth:
            yield from _boxes(file, start + content, stop, depth - 1)
        start = stop


def _claimed(file: Seekable, box: _Box) -> int:
    kind, start, end = box
    if kind == b"trun":
        flags, count = _numbers(file, start, end, 2)
        return 0 if flags & _OWN_FIELDS else count
    if kind != b"stbl":
        return 0
    inside = islice(_boxes(file, start, end, 0), _TABLES)
    tables = {name: (first, last) for name, first, last in inside}
    return max(_of_one_size(file, tables), _of_one_tick(file, tables))


def _of_one_size(file: Seekable, tables: _Tables) -> int:
    _, size, count = _numbers(file, *tables.get(b"stsz", _NONE), 3)
    return count if size else 0


def _of_one_tick(file: Seekable, tables: _Tables) -> int:
    _, entries, _, duration = _numbers(file, *tables.get(b"stts", _NONE), 4)
    if (entries, duration) != (1, 1):
        return 0
    _, chunks = _numbers(file, *(tables.get(b"stco") or tables.get(b"co64") or _NONE), 2)
    start, end = tables.get(b"stsc", _NONE)
    table = _read(file, start + 8, min(end, start + 8 + 12 * _MOST))
    runs = [*struct.iter_unpack(">III", table[: len(table) // 12 * 12]), (chunks + 1, 0, 0)]
    # from a run's first chunk up to the next run's, each chunk has so many samples
    return sum(max(0, b[0] - a[0]) * -(-a[1] // _TOGETHER) for a, b in pairwise(runs))


def _numbers(file: Seekable, start: int, end: int, count: int) -> tuple[int, ...]:
    """The first numbers of a box, the flags first; zeros where it ends."""
    data = _read(file, start, min(end, start + 4 * count)).ljust(4 * count, b"\0")
    first, *others = struct.unpack(f">{count}I", data)
    return first & 0xFFFFFF, *others


def _read(file: Seekable, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(max(0, end - start)) or b""
