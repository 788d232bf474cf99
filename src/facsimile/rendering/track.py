"""Where the faces are in each frame of a clip: found once, used by every rendering of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float32

from facsimile.errors import UserError
from facsimile.faces.detect import Detector, Face
from facsimile.media.files import atomic_path
from facsimile.media.video import Frame
from facsimile.rendering.choice import Choice, largest
from facsimile.threads import in_order, prefetch

#: `landmarks` are x0, y0, x1, ... in frame pixels, as in faces.parquet; null without a face (which
#: pyarrow cannot read back from lists of fixed size). `dense` likewise, null where the detector
#: finds five.
TRACK = pa.schema(
    [
        ("frame", pa.int64()),
        ("detected", pa.bool_()),
        ("landmarks", pa.list_(pa.float32())),
        ("dense", pa.list_(pa.float32())),
    ]
)


class NoFace(UserError):
    """A clip shows no face that could be replaced: it would come out as it went in."""


@dataclass(frozen=True)
class Landmarks:
    """Of one face, in pixels of the frame; `dense` are all, with a detector that finds more."""

    five: Float32[np.ndarray, "5 2"]
    dense: Float32[np.ndarray, "n 2"] | None = None


@dataclass(frozen=True)
class Tracked:
    """A frame and the faces of it that are to be replaced; `passed` faces are left alone."""

    frame: Frame
    faces: tuple[Landmarks, ...] = ()
    passed: int = 0


def track(
    frames: Iterable[Frame],
    make_detector: Callable[[], Detector],
    choose: Choice = largest,
    workers: int = 2,
) -> Iterator[Tracked]:
    """Detect in several threads, each with a detector of its own; frames keep their order.

    Args:
        frames: Those of a clip.
        make_detector: Called once for each thread.
        choose: Which of a frame's faces count; asked frame by frame, in their order.
        workers: Threads.
    """
    detectors = [make_detector() for _ in range(workers)]
    for frame, faces in in_order(detectors, _detected, prefetch(frames)):
        chosen = choose(frame.image, faces)
        replaced = tuple(Landmarks(_five(face), face.dense) for face in chosen)
        yield Tracked(frame, replaced, len(faces) - len(replaced))


def some_face(tracked: Iterable[Tracked], clip: Path) -> Iterator[Tracked]:
    """Pass a clip's frames on, and at their end refuse a clip without any face to be replaced.

    Raises:
        NoFace: None was found, or none was chosen; it says what to try.
    """
    frames = faces = passed = 0
    for one in tracked:
        frames, faces, passed = frames + 1, faces + len(one.faces), passed + one.passed
        yield one
    if faces:
        return
    if passed:
        raise NoFace(
            f"{clip}: none of the {passed} faces in its {frames} frames is the person's who is to "
            "be replaced. render.face=largest takes the largest of each frame, whoever it is, and "
            "render.face=all takes every face"
        )
    raise NoFace(
        f"{clip}: no face was found in its {frames} frames, so there is nothing to replace. "
        "Try another detector=, or a lower detector.score_threshold="
    )


def _detected(detector: Detector, frame: Frame) -> tuple[Frame, list[Face]]:
    return frame, detector(frame.image)


def _five(face: Face) -> Float32[np.ndarray, "5 2"]:
    return np.asarray(face.landmarks, np.float32)


def write_track(tracked: Iterable[Tracked], path: Path) -> None:
    """Keep what was found of one person, as a parquet file in the columns of TRACK."""
    rows = [_row(one.frame.index, next(iter(one.faces), None)) for one in tracked]
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, TRACK), temporary)


def _row(frame: int, face: Landmarks | None) -> dict[str, object]:
    landmarks = None if face is None else _flat(face.five)
    dense = None if face is None or face.dense is None else _flat(face.dense)
    return {
        "frame": frame,
        "detected": face is not None,
        "landmarks": landmarks,
        "dense": dense,
    }


def with_track(frames: Iterable[Frame], path: Path) -> Iterator[Tracked]:
    """Join a clip's frames with what `write_track` kept of it.

    Raises:
        UserError: The track is another clip's.
    """
    rows = iter(pq.read_table(path).to_pylist())
    for frame in prefetch(frames):
        row = next(rows, {"frame": None})
        if row["frame"] != frame.index:
            raise UserError(f"{path} does not fit the clip at frame {frame.index}: delete it")
        five = _points(row["landmarks"])
        yield Tracked(frame, () if five is None else (Landmarks(five, _points(row["dense"])),))


def _flat(points: Float32[np.ndarray, "n 2"]) -> list[float]:
    return list(points.ravel().tolist())


def _points(numbers: list[float] | None) -> Float32[np.ndarray, "n 2"] | None:
    return np.array(numbers, np.float32).reshape(-1, 2) if numbers else None


def length(path: Path) -> int:
    """How many frames a track covers."""
    return int(pq.read_metadata(path).num_rows)
