"""Which faces are worth keeping: good enough, new, and of the person they are said to be."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
from jaxtyping import Bool, Float, UInt8

from facsimile.data.records import FACES

THUMBNAIL = 16  # pixels a side: noise and compression average out, expressions remain

#: selected.parquet: faces.parquet, with the unit embedding, and `src`, `dst` or nothing as side.
SELECTED = pa.schema([*FACES, ("embedding", pa.list_(pa.float32(), 128)), ("side", pa.string())])


@dataclass(frozen=True)
class Thresholds:
    """What a face must reach.

    Args:
        min_score: the detector's score, 0 to 1.
        min_size: the shorter side of the face's box, pixels of the frame.
        min_sharpness: as `faces.quality.sharpness`.
        brightness: lowest and highest mean brightness.
        max_yaw: largest turn of the head to either side, degrees.
        min_difference: mean absolute grey difference, 0 to 255, to every kept face of the clip.
        min_identity: cosine to the mean embedding of its subject.
    """

    min_score: float
    min_size: float
    min_sharpness: float
    brightness: Sequence[float]
    max_yaw: float
    min_difference: float
    min_identity: float


def quality_reasons(faces: pd.DataFrame, thresholds: Thresholds) -> "pd.Series[str]":
    """Return why each face is too poor to keep, as text; empty for a good one."""
    low, high = thresholds.brightness
    size = faces[["bbox_w", "bbox_h"]].min(axis=1)
    checks = [
        (faces.score < thresholds.min_score, "score", faces.score),
        (size < thresholds.min_size, "size", size),
        (faces.sharpness < thresholds.min_sharpness, "sharpness", faces.sharpness),
        (~faces.brightness.between(low, high), "brightness", faces.brightness),
        (faces.yaw.abs() > thresholds.max_yaw, "yaw", faces.yaw),
    ]
    reasons = pd.Series("", index=faces.index, dtype=object)
    for failed, name, value in reversed(checks):  # so that the first check has the last word
        texts = value.map(lambda v, name=name: f"{name} {v:.2f} is outside the limits")
        reasons = texts.where(failed, reasons)
    return reasons


def thumbnail(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "t t"]:
    """Return the image as a small grey square, by which near-duplicates are told."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA))


def distinct(
    thumbnails: UInt8[np.ndarray, "n t t"], min_difference: float
) -> Bool[np.ndarray, " n"]:
    """Return which of a clip's faces, in order, differ from every one kept before.

    >>> black = np.zeros((THUMBNAIL, THUMBNAIL), np.uint8)
    >>> distinct(np.stack([black, black + 1, black + 9, black]), 4.0)
    array([ True, False,  True, False])
    """
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    chosen = np.zeros(len(flat), dtype=bool)
    kept = np.empty_like(flat)
    for index, face in enumerate(flat):
        earlier = kept[: chosen.sum()]
        if not (np.abs(earlier - face).mean(axis=1) < min_difference).any():
            kept[len(earlier)] = face
            chosen[index] = True
    return chosen


def identity_cosines(
    embeddings: Float[np.ndarray, "n d"], subjects: Sequence[str]
) -> Float[np.ndarray, " n"]:
    """Return each unit embedding's cosine to the mean direction of its subject."""
    labels = np.asarray(subjects)
    cosines = np.zeros(len(embeddings))
    for subject in np.unique(labels):
        mine = labels == subject
        centre = embeddings[mine].mean(axis=0)
        cosines[mine] = embeddings[mine] @ centre / np.linalg.norm(centre)
    return cosines
