"""One page of the faces that a selection kept, by person, and of those it dropped, by reason."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from facsimile.data.selection import reason_kind
from facsimile.evaluation.pictures import Image, Row, sheet

_ACROSS = 16  # pictures a row
_PEOPLE = 8  # rows of their own, the others share one
_HEIGHT = 80  # pixels


def contact_sheet(
    kept: pd.DataFrame, rejected: pd.DataFrame, read: Callable[[str], Image]
) -> UInt8[np.ndarray, "h w 3"] | None:
    """A row for each of the people of most faces, then one for each reason; None without faces.

    A row shows up to sixteen of its faces, evenly spaced in the order of the table.

    Args:
        kept: Columns path and subject.
        rejected: Columns path and reason.
        read: Gives the RGB picture at a path.
    """
    rows: list[Row] = [
        (label, [read(path) for path in _spaced(paths)])
        for label, paths in (*_people(kept), *_reasons(rejected))
    ]
    return sheet(rows, _HEIGHT) if rows else None


def _people(kept: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[str]"]]:
    counts = kept.groupby("subject").size().sort_values(ascending=False, kind="stable")
    for subject in counts.index[:_PEOPLE]:
        yield _label(f"kept: {subject}", kept.path[kept.subject == subject])
    others = kept[kept.subject.isin(counts.index[_PEOPLE:])]
    if len(others):
        paths = others.sort_values("subject", kind="stable").path
        yield _label(f"kept: others ({len(counts) - _PEOPLE})", paths)


def _reasons(rejected: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[str]"]]:
    kinds = rejected.reason.map(reason_kind)
    counts = kinds.groupby(kinds).size().sort_values(ascending=False, kind="stable")
    for kind in counts.index:
        yield _label(f"dropped: {kind}", rejected.path[kinds == kind])


def _label(text: str, paths: "pd.Series[str]") -> tuple[str, "pd.Series[str]"]:
    # OpenCV's font has no letters but these
    return f"{text}, {len(paths)}".encode("ascii", "replace").decode(), paths


def _spaced(paths: "pd.Series[str]") -> "pd.Series[str]":
    places = np.linspace(0, len(paths) - 1, min(_ACROSS, len(paths))).round().astype(int)
    return paths.iloc[places]
