"""Held-out pictures: which they are, and how they are degraded once for all that is compared."""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from facsimile.data.spacing import places
from facsimile.degradations.protocol import Degradation


@dataclass(frozen=True)
class Photo:
    """An undegraded RGB image, where it lies and whom it shows."""

    path: str
    subject: str
    image: UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True)
class Pair:
    """A degraded image (lq) and what it was before (gt), RGB uint8; lq may be smaller."""

    path: str
    subject: str
    lq: UInt8[np.ndarray, "y x 3"]
    gt: UInt8[np.ndarray, "h w 3"]


def degrade_once(photo: Photo, degradation: Degradation, name: str) -> Pair:
    """Degrade a photo with a draw that depends on `name` and its path, on nothing else."""
    rng = np.random.default_rng(zlib.crc32(f"{name}/{photo.path}".encode()))
    return Pair(photo.path, photo.subject, degradation(photo.image, rng), photo.image)


def evenly_spaced(rows: pd.DataFrame, per_subject: int) -> pd.DataFrame:
    """At most `per_subject` rows of each `subject`, evenly spaced in clip and frame.

    Neighbouring frames of a video are nearly the same picture: without this, who talks longest
    would count most. Rows are sorted by subject, clip and frame.
    """
    ordered = rows.sort_values(["subject", "clip", "frame"], kind="stable")
    kept = []
    for _, group in ordered.groupby("subject", sort=True):
        kept.append(group.iloc[places(len(group), per_subject)])
    return pd.concat(kept, ignore_index=True) if kept else ordered
