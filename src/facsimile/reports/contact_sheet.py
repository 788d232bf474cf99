"""One page of the faces that a selection kept, by person, and of those it dropped, by reason."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pandas as pd
from jaxtyping import UInt8

from facsimile.data.selection import reason_kind
from facsimile.data.spacing import places
from facsimile.evaluation.pictures import Image, Row, mark_synthetic, sheet

_ACROSS = 16  # pictures a row
_PEOPLE = 8  # rows of their own, the others share one
_HEIGHT = 80  # pixels


def contact_sheet(
    kept: pd.DataFrame, rejected: pd.DataFrame, read: Callable[[str], Image]
) -> UInt8[np.ndarray, "h w 3"] | None:
    """A row for each of the people of most faces, then one for each reason; None without faces.

    A row shows up to sixteen of its faces, evenly spaced in the order of the table. Those of label
    1 are marked as synthetic.

    Args:
        kept: Columns path, label and subject.
        rejected: Columns path, label and reason.
        read: Gives the RGB picture at a path.
    """
    rows: list[Row] = [
        (heading, [_tile(read(path), label) for path, label in _spaced(faces)])
        for heading, faces in (*_people(kept), *_reasons(rejected))
    ]
    return sheet(rows, _HEIGHT) if rows else None


def _tile(image: Image, label: int) -> Image:
    if not label:
        return image
    # marked at the size that it is shown at, so that the word can be read
    width = max(1, round(image.shape[1] * _HEIGHT / image.shape[0]))
    small = cv2.resize(image, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
    return mark_synthetic(np.asarray(small))


def _people(kept: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    counts = kept.groupby("subject").size().sort_values(ascending=False, kind="stable")
    for subject in counts.index[:_PEOPLE]:
        yield _headed(f"kept: {subject}", kept[kept.subject == subject])
    others = kept[kept.subject.isin(counts.index[_PEOPLE:])]
    if len(others):
        faces = others.sort_values("subject", kind="stable")
        yield _headed(f"kept: others ({len(counts) - _PEOPLE})", faces)


def _reasons(rejected: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    kinds = rejected.reason.map(reason_kind)
    counts = kinds.groupby(kinds).size().sort_values(ascending=False, kind="stable")
    for kind in counts.index:
        yield _headed(f"dropped: {kind}", rejected[kinds == kind])


def _headed(text: str, faces: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    # OpenCV's font has no letters but these
    return f"{text}, {len(faces)}".encode("ascii", "replace").decode(), faces


def _spaced(faces: pd.DataFrame) -> Iterator[tuple[str, int]]:
    shown = faces.iloc[places(len(faces), _ACROSS)]
    return zip(shown.path, shown.label, strict=True)
