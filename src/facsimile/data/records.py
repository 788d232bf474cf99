"""The manifest's schema: one row a face, and what was set aside with its reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from facsimile.faces.quality import QUALITIES

_POINTS = pa.list_(pa.float32(), 10)

#: faces.parquet. `path` is relative to the folder that holds the file. `origin` is the original
#: video or photo, `official` the data set's own split or nothing; `face` ranks the faces of a frame
#: from 0, the most prominent; `track` numbers the runs of one face through a clip. `time` is in
#: seconds; `bbox_*`, `landmarks` (x0, y0, x1, ...: right eye, left eye, nose, right and left mouth
#: corner), `width` and `height` are in pixels of the frame, `crop_landmarks` in pixels of the crop;
#: the qualities are those of `faces.quality`; `label` is 1 for a fake, 0 for a real face.
FACES = pa.schema(
    [
        ("path", pa.string()),
        ("dataset", pa.string()),
        ("clip", pa.string()),
        ("subject", pa.string()),
        ("origin", pa.string()),
        ("official", pa.string()),
        ("frame", pa.int64()),
        ("face", pa.int16()),
        ("track", pa.int32()),
        ("time", pa.float64()),
        ("bbox_x", pa.float32()),
        ("bbox_y", pa.float32()),
        ("bbox_w", pa.float32()),
        ("bbox_h", pa.float32()),
        ("landmarks", _POINTS),
        ("crop_landmarks", _POINTS),
        ("score", pa.float32()),
        *((name, pa.float32()) for name in QUALITIES),
        ("label", pa.int8()),
        ("width", pa.int32()),
        ("height", pa.int32()),
    ]
)

#: rejected.parquet. `path` names a file, or a frame of it as `clips/a.mp4#000123`.
REJECTED = pa.schema([("path", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True)
class Annotation:
    """A face that the data set itself marks: x, y, width, height in pixels of the image, label."""

    bbox: tuple[float, float, float, float]
    label: int


@dataclass(frozen=True)
class Clip:
    """A video or a still image of a data set, before any face is found in it.

    Args:
        path: The file; `archive.zip/member` where it lies in an archive.
        dataset: Name of the data set.
        clip: Name within the data set; stills may share one. Slashes are allowed.
        subject: Whom it shows, empty where the data set names nobody.
        kind: What the file is.
        frame: Number of a still image within its clip.
        label: 1 for a fake, 0 for a real face; what `annotations` say counts more.
        cropped: The picture is a face crop already, whose pixels are to be kept.
        origin: The original video or photo that it stems from, empty for itself. What shares an
            origin is never divided between splits.
        official: The data set's own split: train, val, test or empty.
        boxes_of: The clip in whose frames the faces lie at the same places, empty for none.
        annotations: The faces that count; None where the data set marks none.
    """

    path: Path
    dataset: str
    clip: str
    subject: str
    kind: Literal["video", "image"]
    frame: int = 0
    label: int = 0
    cropped: bool = False
    origin: str = ""
    official: str = ""
    boxes_of: str = ""
    annotations: tuple[Annotation, ...] | None = None
