"""The manifest's schema: one row a face, and what was set aside with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.errors import UserError
from facsimile.media.files import atomic_path

_POINTS = pa.list_(pa.float32(), 10)

#: faces.parquet. `path` is relative to the folder that holds the file. `time` is in seconds;
#: `bbox_*`, `landmarks` (x0, y0, x1, ...: right eye, left eye, nose, right and left mouth corner),
#: `width` and `height` are in pixels of the frame, `crop_landmarks` in pixels of the crop;
#: `yaw`, `pitch` and `roll` are in degrees; `label` is 1 for a fake, 0 for a real face.
FACES = pa.schema(
    [
        ("path", pa.string()),
        ("dataset", pa.string()),
        ("clip", pa.string()),
        ("subject", pa.string()),
        ("frame", pa.int64()),
        ("time", pa.float64()),
        ("bbox_x", pa.float32()),
        ("bbox_y", pa.float32()),
        ("bbox_w", pa.float32()),
        ("bbox_h", pa.float32()),
        ("landmarks", _POINTS),
        ("crop_landmarks", _POINTS),
        ("score", pa.float32()),
        ("sharpness", pa.float32()),
        ("brightness", pa.float32()),
        ("yaw", pa.float32()),
        ("pitch", pa.float32()),
        ("roll", pa.float32()),
        ("label", pa.int8()),
        ("width", pa.int32()),
        ("height", pa.int32()),
    ]
)

#: rejected.parquet. `path` names a file, or a frame of it as `clips/a.mp4#000123`.
REJECTED = pa.schema([("path", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True)
class Clip:
    """A video or a still image of a data set, before any face is found in it.

    `frame` numbers a still image within its clip; `cropped` says that the picture is a face crop
    already, whose pixels are to be kept; `label` is 1 for a fake, 0 for a real face.
    """

    path: Path
    dataset: str
    clip: str
    subject: str
    kind: Literal["video", "image"]
    frame: int = 0
    label: int = 0
    cropped: bool = False


def write_parquet(
    path: Path, rows: pd.DataFrame | Sequence[Mapping[str, Any]], schema: pa.Schema
) -> None:
    """Write rows in the schema's columns, atomically; the same rows give the same bytes.

    Raises pyarrow.ArrowInvalid or KeyError for rows that lack a column or hold another type.
    """
    if isinstance(rows, pd.DataFrame):
        table = pa.Table.from_pandas(rows, schema, preserve_index=False)
    else:
        columns = {name: [row[name] for row in rows] for name in schema.names}
        table = pa.table(columns, schema)
    with atomic_path(path) as partial:
        # Without the metadata that pandas adds: its version would be in the bytes.
        pq.write_table(table.replace_schema_metadata(None), partial)


def read_parquet(path: Path, columns: Sequence[str], stage: str) -> pd.DataFrame:
    """The rows of a parquet file that a stage made, whose columns must include these.

    Raises UserError when there is no such file (naming the stage) or it lacks a column.
    """
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise UserError(f"there is no {path}: run `facsimile {stage}` first") from None
    except pa.ArrowInvalid as error:
        raise UserError(f"cannot read {path}: {error}") from error
    if missing := [name for name in columns if name not in table.column_names]:
        raise UserError(f"{path} lacks the columns {', '.join(missing)}")
    frame: pd.DataFrame = table.to_pandas()
    return frame
