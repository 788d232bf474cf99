"""Where the face is in each frame of a clip: found once, used by every rendering of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float32

from facsimile.errors import UserError
from facsimile.faces.detect import Detector
from facsimile.media.files import atomic_path
from facsimile.media.video import Frame
from facsimile.threads import in_order, prefetch

#: `landmarks` are x0, y0, x1, ... in frame pixels, as in faces.parquet; null without a face (which
#: pyarrow cannot read back from lists of fixed size).
TRACK = pa.schema(
    [
        ("frame", pa.int64()),
        ("detected", pa.bool_()),
        ("landmarks", pa.list_(pa.float32())),
    ]
)


@dataclass(frozen=True)
class Tracked:
    """A frame and the five landmarks of its best face, None where no face was found."""

    frame: Frame
    landmarks: Float32[np.ndarray, "5 2"] | None


def track(
    frames: Iterable[Frame], make_detector: Callable[[], Detector], workers: int = 2
) -> Iterator[Tracked]:
    """Detect in several threads, each with a detector of its own; frames keep their order."""
    detectors = [make_detector() for _ in range(workers)]
    return in_order(detectors, _best_face, prefetch(frames))


def _best_face(detector: Detector, frame: Frame) -> Tracked:
    faces = detector(frame.image)
    return Tracked(frame, np.asarray(faces[0].landmarks, np.float32) if faces else None)


def write_track(tracked: Iterable[Tracked], path: Path) -> None:
    """Keep what was found, as a parquet file in the columns of TRACK."""
    rows = [
        {
            "frame": one.frame.index,
            "detected": one.landmarks is not None,
            "landmarks": None if one.landmarks is None else one.landmarks.ravel().tolist(),
        }
        for one in tracked
    ]
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, TRACK), temporary)


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
        found = row["landmarks"]
        yield Tracked(frame, np.array(found, np.float32).reshape(5, 2) if found else None)


def length(path: Path) -> int:
    """How many frames a track covers."""
    return int(pq.read_metadata(path).num_rows)
