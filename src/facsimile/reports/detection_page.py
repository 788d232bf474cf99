"""What a detector says of pictures and videos, as a page."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from facsimile.evaluation.tables import Table
from facsimile.reports.detection_plots import over_time
from facsimile.reports.page import Page, Picture, Section, photo
from facsimile.reports.settings_table import settings_table

NOTICE = (
    "The faces shown here are those of the input. Nothing in them was replaced: beside each lies "
    "the same face beneath a heat map, marked ANALYSIS in the picture. A score is what one net, "
    "trained on some kinds of fakes, makes of a face. It is no proof, and on other kinds of fakes, "
    "other people or other compression it may be no better than guessing."
)
MAPS = (
    "left the face as the net saw it, right with what raises its score (Grad-CAM), brightest where "
    "it weighs most; scaled to each face's own highest value"
)


@runtime_checkable
class Judgement(Protocol):
    """One file with its scores; see `facsimile.pipelines.detect_file.Judged`."""

    path: str
    sha256: str
    kind: str
    score: float | None
    problem: str | None
    frames: list[dict[str, Any]]
    pictures: dict[str, np.ndarray]


def detection_page(
    description: Mapping[str, Any], judged: Sequence[Judgement], problems: Mapping[str, str]
) -> Page:
    """The files with their scores, the highest first, each with its course and heat maps.

    Args:
        description: Of model and settings, as in detect.json.
        judged: The files.
        problems: Files that were not looked at, with the reasons.
    """
    ordered = sorted(judged, key=lambda one: -1.0 if one.score is None else one.score, reverse=True)
    sections = [_overview(ordered, problems), _about(description)]
    sections += [_file(one) for one in ordered if one.score is not None]
    return Page("facsimile: detection", sections, NOTICE)


def _overview(judged: Sequence[Judgement], problems: Mapping[str, str]) -> Section:
    columns = ["file", "remark", "score", "highest frame", "frames", "without a face", "faces"]
    rows = [[one.path, one.problem or "", *_counts(one)] for one in judged]
    rows += [[path, reason, *["-"] * 5] for path, reason in problems.items()]
    note = (
        "Scores of being fake, from 0 to 1: of a file the mean of its frames' scores, of a frame "
        "the highest of its faces'."
    )
    return Section("Files", blocks=[Table("Scores", columns, rows, note, names=2)])


def _counts(one: Judgement) -> list[str]:
    scores = [frame["score"] for frame in one.frames if frame["score"] is not None]
    shown = ["-", "-"] if one.score is None else [f"{one.score:.3f}", f"{max(scores):.3f}"]
    faces = sum(len(frame["faces"]) for frame in one.frames)
    return [*shown, *map(str, (len(one.frames), len(one.frames) - len(scores), faces))]


def _about(description: Mapping[str, Any]) -> Section:
    return Section(
        "Model and settings", blocks=[settings_table("What decides a score", description)]
    )


def _file(one: Judgement) -> Section:
    section = Section(one.path, f"{one.kind}, SHA-256 `{one.sha256}`.")
    known = [frame for frame in one.frames if frame["score"] is not None]
    if len(known) > 1 and one.score is not None:
        times, scores = ([frame[key] for frame in known] for key in ("time", "score"))
        caption = f"{len(known)} frames with a face, of {len(one.frames)} looked at"
        section.blocks.append(Picture(over_time(times, scores, one.score), caption))
    for name, picture in one.pictures.items():
        section.blocks.append(photo(picture, f"maps/{name}: {MAPS}"))
    return section
