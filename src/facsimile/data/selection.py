"""What a face must reach to be selected, why it does not, and the table of those that do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from facsimile.data.batching import safe_file_name
from facsimile.data.records import FACES

EMBEDDING = 128  # numbers

#: selected.parquet: faces.parquet, with the unit embedding, its cosine to the mean of its subject
#: (`identity`), and `src`, `dst` or nothing as side.
SELECTED = pa.schema(
    [
        *FACES,
        ("embedding", pa.list_(pa.float32(), EMBEDDING)),
        ("identity", pa.float32()),
        ("side", pa.string()),
    ]
)


@dataclass(frozen=True)
class Thresholds:
    """What a face must reach; the qualities are those of `faces.quality`, None sets no limit.

    A quality that could not be measured (NaN) is no reason to drop a face.

    Args:
        min_score: the detector's score, 0 to 1.
        min_size: the shorter side of the face's box, pixels of the frame.
        min_sharpness: as `faces.blur.sharpness`.
        brightness: lowest and highest mean brightness.
        max_yaw: largest turn of the head to either side, degrees.
        min_difference: mean absolute grey difference, 0 to 255, to every kept face of the clip.
        min_identity: cosine to the mean embedding of its subject.
        max_blur: perceptual blur, 0 to 1.
        max_motion_blur: 0 to 1.
        max_blockiness: of the compression, 0 to 1.
        min_contrast: grey levels.
        max_clipping: share of the pixels that are black or white.
        min_evenness: darkest by brightest side of the face, 0 to 1.
        max_asymmetry: between the halves of the face, 0 to 1.
        max_pitch: up or down, degrees.
        max_roll: to either side, degrees.
        max_misfit: of the landmarks to a head, eye distances.
        min_eye_distance: pixels of the frame.
        mouth_opening: lowest and highest, widths of the mouth.
        eye_opening: lowest and highest, widths of the eye.
        max_gaze: to either side, 0 to 1.
    """

    min_score: float
    min_size: float
    min_sharpness: float
    brightness: Sequence[float]
    max_yaw: float
    min_difference: float
    min_identity: float
    max_blur: float | None = None
    max_motion_blur: float | None = None
    max_blockiness: float | None = None
    min_contrast: float | None = None
    max_clipping: float | None = None
    min_evenness: float | None = None
    max_asymmetry: float | None = None
    max_pitch: float | None = None
    max_roll: float | None = None
    max_misfit: float | None = None
    min_eye_distance: float | None = None
    mouth_opening: Sequence[float] | None = None
    eye_opening: Sequence[float] | None = None
    max_gaze: float | None = None


# Where several fail, the first has its say. Asymmetry is last: it is a hint.
_CHECKED = (
    *("min_score", "min_size", "min_sharpness", "brightness", "max_yaw", "max_pitch", "max_roll"),
    *("max_misfit", "min_eye_distance", "max_blur", "max_motion_blur", "max_blockiness"),
    *("min_contrast", "max_clipping", "min_evenness", "mouth_opening", "eye_opening", "max_gaze"),
    "max_asymmetry",
)
_TURNS = ("yaw", "pitch", "roll", "gaze")  # to either side


def quality_reasons(faces: pd.DataFrame, thresholds: Thresholds) -> "pd.Series[str]":
    """Return why each face is too poor to keep, as text; empty for a good one."""
    reasons = pd.Series("", index=faces.index, dtype=object)
    for limit in reversed(_CHECKED):  # so that the first check has the last word
        allowed = getattr(thresholds, limit)
        if allowed is not None:
            name, value, failed = _check(faces, limit, allowed)
            texts = value[failed].map(lambda v, name=name: f"{name} {v:.2f} is outside the limits")
            reasons[texts.index] = texts
    return reasons


def _check(
    faces: pd.DataFrame, limit: str, allowed: float | Sequence[float]
) -> "tuple[str, pd.Series[float], pd.Series[bool]]":
    """A quality's name, its values, and where they are beyond the limit of that name."""
    kind, _, rest = limit.partition("_")
    name = rest if kind in ("min", "max") else limit
    value = faces[["bbox_w", "bbox_h"]].min(axis=1) if name == "size" else faces[name]
    if isinstance(allowed, Sequence):
        return name, value, (value < allowed[0]) | (value > allowed[1])
    size = value.abs() if name in _TURNS else value
    return name, value, size < allowed if kind == "min" else size > allowed


def reason_kind(reason: str) -> str:
    """What reasons of one kind share: the words before the first number, colon or name.

    >>> reason_kind("yaw -60.00 is outside the limits"), reason_kind("identity: cosine 0.10")
    ('yaw', 'identity')
    """
    return re.split(r"[:(]| -?\d", reason, maxsplit=1)[0].strip()


def side_path(side: str, clip: str, frame: int, face: int = 0) -> str:
    """Return where a face of the swap pair lies, relative to the folder of selected faces.

    >>> side_path("src", "franck", 12), side_path("dst", "franck", 12, 1)
    ('data_src/franck_000012.png', 'data_dst/franck_000012-1.png')
    """
    return f"data_{side}/{safe_file_name(clip)}_{frame:06d}{f'-{face}' if face else ''}.png"
