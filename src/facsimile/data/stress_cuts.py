"""Fast cuts between several clips, as of one take filmed by several cameras."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.degradations.ranges import Range, span
from facsimile.media.video import Frame, probe, read_frames

Image = UInt8[np.ndarray, "_ _ 3"]
Box = tuple[int, int, int, int]  # x, y, width, height in pixels


@dataclass(frozen=True)
class Source:
    """The stretch of a video that is stressed, and whom it shows: empty where nobody knows."""

    clip: str
    subject: str
    path: Path
    start: int = 0
    stop: int | None = None

    def frames(self) -> Iterator[Frame]:
        """Decode as a stream; indices count from the video's first frame."""
        return read_frames(self.path, self.start, self.stop)


@dataclass(frozen=True)
class Shot:
    """What is seen up to `end` seconds: a source's number, how near, and around which point."""

    end: float
    source: int
    zoom: float = 1.0
    middle: tuple[float, float] = (0.5, 0.5)


class Cuts:
    """Cuts to another clip, or to another framing of the same one, every so often.

    The clips run on while they are not seen, as cameras do; one that ends begins anew. Two
    neighbouring shots are never of the same clip, unless there is one alone: then they differ in
    their framing.

    Args:
        shot: Seconds that one lasts, drawn for each.
        own: The probability that a cut from another clip goes back to the first.
        zoom: How many times nearer a shot is, from 1 on, drawn for each.
    """

    def __init__(self, shot: Range, own: int | float = 0.7, zoom: Range = (1.0, 1.5)) -> None:
        self.shot, self.own, self.zoom = span(shot, 0.04), span(own, 0, 1)[0], span(zoom, 1, 8)

    def shots(self, sources: int, rng: np.random.Generator) -> Iterator[Shot]:
        """Draw shots without end; the first is of the first clip."""
        end, source = 0.0, 0
        while True:
            end += rng.uniform(*self.shot)
            middle = (float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.5, 0.6)))
            yield Shot(end, source, float(rng.uniform(*self.zoom)), middle)
            source = self._next(source, sources, rng)

    def _next(self, source: int, sources: int, rng: np.random.Generator) -> int:
        if sources == 1:
            return 0
        if source != 0 and rng.random() < self.own:
            return 0
        others = [one for one in range(sources) if one != source and one != 0] or [0]
        return others[int(rng.integers(len(others)))]


class Camera:
    """The frames of a clip by their time, which only goes on; at its end it begins anew."""

    def __init__(self, source: Source) -> None:
        self.source, self.rate = source, probe(source.path).frame_rate
        self._frames, self._number = source.frames(), 0
        self._now = next(self._frames)

    def at(self, time: float) -> Frame:
        """The frame that is shown at a time; never earlier than the one before."""
        # a frame is shown until the next one: a thousandth forgives rounding
        for _ in range(int(Fraction(time) * self.rate + Fraction(1, 1000)) - self._number):
            self._number += 1
            following = next(self._frames, None)
            if following is None:
                self._frames = self.source.frames()
                following = next(self._frames)
            self._now = following
        return self._now


def framed(image: Image, size: tuple[int, int], shot: Shot) -> tuple[Image, Box]:
    """The part of a frame that a shot shows, filling a frame of `size` (width, height).

    Returns:
        The picture, and which part it is, in pixels of `image`. A frame of that size, from no
        nearer, is returned as it is.
    """
    height, width = image.shape[:2]
    scale = max(size[0] / width, size[1] / height) * shot.zoom
    wide, tall = (min(n, round(s / scale)) for n, s in ((width, size[0]), (height, size[1])))
    left = round(np.clip(shot.middle[0] * width - wide / 2, 0, width - wide))
    top = round(np.clip(shot.middle[1] * height - tall / 2, 0, height - tall))
    box = (left, top, wide, tall)
    if box == (0, 0, *size):
        return image, box
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = np.ascontiguousarray(image[top : top + tall, left : left + wide])
    return np.asarray(cv2.resize(part, size, interpolation=way), image.dtype), box


def edited(
    sources: Sequence[Source], cuts: Cuts, rng: np.random.Generator
) -> Iterator[tuple[float, Source, Frame, Image, Box]]:
    """Cut several clips together, as long as the first and in its time, size and frame rate.

    Yields:
        A frame's time in seconds from the first, whose it is, which one, its picture and the part
        of the frame that this is.
    """
    cameras = [Camera(source) for source in sources[1:]]
    shots = cuts.shots(len(sources), rng)
    shot, first = next(shots), None
    for own in sources[0].frames():
        first = own.time if first is None else first
        time = own.time - first
        while time >= shot.end:
            shot = next(shots)
        frame = own if shot.source == 0 else cameras[shot.source - 1].at(time)
        picture, box = framed(frame.image, own.image.shape[1::-1], shot)
        yield time, sources[shot.source], frame, picture, box
