"""The frames of a clip on their way to be cropped, with the faces where these are known already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from facsimile.data.records import Clip
from facsimile.data.spacing import places
from facsimile.errors import UserError
from facsimile.faces.detect import DetectorPool, Face
from facsimile.faces.tracks import follow
from facsimile.media.image import read_image
from facsimile.media.video import Frame, VideoInfo, probe, read_frames
from facsimile.threads import in_order

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Shot:
    """A frame of a clip, and what it is called; or why there is none."""

    clip: Clip
    frame: Frame
    path: str
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Sighting:
    """A shot with its faces; None where nobody has looked for them yet."""

    shot: Shot
    faces: list[Face] | None = None


def shots(
    parts: Iterable[Clip], root: Path, frames: int | None, time_limit: float | None
) -> Iterator[Shot]:
    """Every frame of one video, or of stills; where a file fails, one last shot that says why.

    Args:
        parts: One video, or the still images of one clip.
        root: What paths are told relative to.
        frames: Evenly spaced frames of a video; None for all.
        time_limit: Seconds that reading one file may take; None for any.
    """
    for clip in parts:
        name = relative(clip.path, root)
        try:
            if clip.kind == "image":
                yield Shot(clip, Frame(clip.frame, 0.0, read_image(clip.path)), name)
                continue
            wanted = None if frames is None else _evenly_spaced(clip.path, frames, time_limit)
            for frame in read_frames(clip.path, time_limit=time_limit, only=wanted):
                problem = "the frame is damaged" if frame.damaged else ""
                yield Shot(clip, frame, f"{name}#{frame.index:06d}", problem)
        except UserError as error:
            # The reason is part of the data: it must not tell where on this machine they lie.
            reason = str(error).replace(str(clip.path), name)
            yield Shot(clip, _NOTHING, name, reason)


_NOTHING = Frame(-1, 0.0, np.zeros((0, 0, 3), np.uint8))


def _evenly_spaced(path: Path, count: int, time_limit: float | None) -> set[int] | None:
    """Of the frames that the container claims to have; None, all of them, where it claims nothing.

    A file that holds less than it claims gives fewer frames, and the reason is told with it.
    """
    claimed = claimed_frames(probe(path, time_limit))
    if claimed is None:
        return None
    return set(places(claimed, count).tolist())


def claimed_frames(info: VideoInfo) -> int | None:
    """How many frames a video says it has; None where it says nothing."""
    return info.frames or round((info.duration or 0) * info.frame_rate) or None


def relative(path: Path, root: Path) -> str:
    """What a file is called: its path below the root, or its name alone outside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Frames from one in which faces are looked for up to the one before the next such frame."""

    shots: list[Shot]
    faces: list[Face]


def followed(
    given: Iterator[Shot], detectors: Sequence[DetectorPool], every: int = 1
) -> Iterator[Sighting]:
    """Detect in every so many-th frame only, and follow the faces through those in between.

    Where they are lost, or a frame is damaged, nothing is known, and the caller detects there too.
    As many frames as the detectors like are handed to them at once.
    """
    together = _portions(_portions(given, every), detectors[0].batch_size)
    yield from _joined(chain.from_iterable(in_order(detectors, _detect, together)))


def _portions(given: Iterator[T], size: int) -> Iterator[list[T]]:
    while portion := list(islice(given, size)):
        yield portion


def _detect(detector: DetectorPool, stretches: list[list[Shot]]) -> list[_Stretch]:
    sound = [shots[0].frame.image for shots in stretches if not shots[0].problem]
    found = iter(detector.detect_batch(sound))
    return [_Stretch(shots, [] if shots[0].problem else next(found)) for shots in stretches]


def _joined(stretches: Iterator[_Stretch]) -> Iterator[Sighting]:
    pending = next(stretches, None)
    while pending is not None:
        coming = next(stretches, None)
        yield from _between(pending, coming)
        pending = coming


def _between(stretch: _Stretch, coming: _Stretch | None) -> Iterator[Sighting]:
    yield Sighting(stretch.shots[0], stretch.faces)
    rest = stretch.shots[1:]
    if coming is None or any(shot.problem for shot in (*stretch.shots, coming.shots[0])):
        yield from map(Sighting, rest)
        return
    images = [shot.frame.image for shot in (*stretch.shots, coming.shots[0])]
    found = follow(images, stretch.faces, coming.faces)
    yield from (Sighting(shot, faces) for shot, faces in zip(rest, found, strict=True))
