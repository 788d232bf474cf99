"""Which frame of one video is measured against which of the other, as both stream by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import zip_longest

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.errors import UserError
from facsimile.evaluation.measure_items import SIDES
from facsimile.evaluation.measure_source import Source
from facsimile.media.video import Frame

_SAME_RATE = 1.0005  # 30 and 30000/1001 differ by twice as much
_NEAR = 0.55  # of a frame of the faster video: what is farther away in time is no partner
Partners = tuple[Frame, Frame]  # reference, distorted

RESIZING = {"area": cv2.INTER_AREA, "bicubic": cv2.INTER_CUBIC}


@dataclass(frozen=True)
class Pair:
    """A frame of the reference and its partner, of one size."""

    item: str
    reference: Frame
    distorted: Frame

    @property
    def images(self) -> tuple[UInt8[np.ndarray, "h w 3"], UInt8[np.ndarray, "h w 3"]]:
        """Distorted and reference, RGB: `preds` and `target` of the metrics."""
        return self.distorted.image, self.reference.image

    @cached_property
    def greys(self) -> tuple[UInt8[np.ndarray, "h w"], UInt8[np.ndarray, "h w"]]:
        """The same in grey (BT.601 luma, rounded)."""
        one, other = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in self.images)
        return np.asarray(one, np.uint8), np.asarray(other, np.uint8)


@dataclass
class Matching:
    """How the frames of an item were brought together, and how many have no partner.

    `left` are those at the end or in gaps, by side; `skipped` those of the faster video between two
    that have one; `largest_gap` is in seconds between partners.
    """

    by: str
    why: str
    left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    skipped: int = 0
    largest_gap: float = 0.0
    notes: list[str] = field(default_factory=list)


def matching_of(reference: Source, distorted: Source, match: str) -> Matching:
    """By number where the frame rates agree, else by time; or as `match` says.

    Args:
        reference: One video or picture.
        distorted: The other.
        match: auto, number or time.

    Raises:
        UserError: One is a picture and the other a video.
    """
    if (reference.rate is None) != (distorted.rate is None):
        raise UserError(
            f"one of {reference.path} and {distorted.path} is a picture and the other a video"
        )
    if reference.rate is None or distorted.rate is None:
        return Matching("number", "both are pictures")
    slower, faster = sorted([reference.rate, distorted.rate])
    rates = f"{float(reference.rate):.6g} and {float(distorted.rate):.6g} frames/s"
    if match != "auto":
        return Matching(match, f"measure.match={match}; {rates}")
    agree = faster <= slower * Fraction(_SAME_RATE)
    return Matching(
        "number" if agree else "time", f"the rates {'agree' if agree else 'differ'}: {rates}"
    )


def pairs(
    item: str, sources: tuple[Source, Source], matching: Matching, resize: str
) -> Iterator[Pair]:
    """Every pair of an item, in their order; `matching` tells afterwards what was left.

    Args:
        item: Its name.
        sources: Reference and distorted.
        matching: How, and what is filled in.
        resize: What the distorted frame is brought to the reference's size by: area, bicubic, or
            none, which refuses.

    Raises:
        UserError: Sizes differ and may not, or nothing can be read.
    """
    streams = [source.read(matching.notes) for source in sources]
    if matching.by == "number":
        together = _by_number(streams, matching)
    else:
        together = _by_time(streams, [source.rate or Fraction(1) for source in sources], matching)
    for one, other in together:
        matching.largest_gap = max(matching.largest_gap, abs(one.time - other.time))
        yield Pair(item, one, _fitted(other, one, sources, resize))


def check_sizes(reference: Source, distorted: Source, resize: str) -> None:
    """Refuse sizes that differ where nothing says how they are made one.

    Raises:
        UserError: They do.
    """
    if resize == "none" and reference.size != distorted.size:
        raise _unlike(reference, distorted, reference.size, distorted.size)


def _unlike(
    reference: Source, distorted: Source, size: tuple[int, int], other: tuple[int, int]
) -> UserError:
    return UserError(
        f"{reference.path} is {size[0]}x{size[1]} and {distorted.path} {other[0]}x{other[1]}: "
        "scale one of them as its viewer would, or choose measure.resize=area or "
        "measure.resize=bicubic, which brings the second to the size of the first"
    )


def _fitted(other: Frame, one: Frame, sources: tuple[Source, Source], resize: str) -> Frame:
    (height, width), (h, w) = one.image.shape[:2], other.image.shape[:2]
    if (height, width) == (h, w):
        return other
    if resize == "none":  # within a video sizes may change, too
        raise _unlike(*sources, (width, height), (w, h))
    image = cv2.resize(other.image, (width, height), interpolation=RESIZING[resize])
    return Frame(other.index, other.time, np.asarray(image, np.uint8), other.damaged)


def _by_number(streams: Sequence[Iterator[Frame]], matching: Matching) -> Iterator[Partners]:
    for one, other in zip_longest(*streams):
        if one is not None and other is not None:
            yield one, other
        else:
            matching.left[SIDES[one is None]] += 1


def _by_time(
    streams: Sequence[Iterator[Frame]], rates: Sequence[Fraction], matching: Matching
) -> Iterator[Partners]:
    """Each frame of the slower video with the nearest one in time of the faster."""
    slow = int(rates[0] > rates[1])
    fast, reach = 1 - slow, _NEAR / max(rates)
    choice = _Nearest(streams[fast])
    for frame in streams[slow]:
        partner = choice.to(frame.time, reach)
        if partner is None:
            matching.left[SIDES[slow]] += 1
        else:
            yield (frame, partner) if fast else (partner, frame)
    matching.skipped, matching.left[SIDES[fast]] = choice.unused()


class _Nearest:
    """The frame of a stream that is nearest in time, for times that only grow."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._before: Frame | None = None
        self._after = next(frames, None)
        self._last, self._used = -1, 0

    def to(self, time: float, reach: float) -> Frame | None:
        """The nearest to this time, the earlier of two; None where none is within reach."""
        while self._after is not None and self._after.time <= time:
            self._before, self._after = self._after, next(self._frames, None)
        around = [frame for frame in (self._before, self._after) if frame is not None]
        nearest = min(around, key=lambda frame: abs(frame.time - time), default=None)
        if nearest is None or abs(nearest.time - time) > reach:
            return None
        self._used += nearest.index != self._last
        self._last = nearest.index
        return nearest

    def unused(self) -> tuple[int, int]:
        """How many were passed over, up to the last that was taken and after it."""
        seen = [frame.index for frame in (self._before, self._after) if frame is not None]
        total = max(seen, default=-1) + 1 + sum(1 for _ in self._frames)
        return self._last + 1 - self._used, total - self._last - 1
