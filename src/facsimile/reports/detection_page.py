"""What a detector says of pictures and videos, as a page."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from facsimile.evaluation.tables import Table
from facsimile.reports.detection_plots import over_time
from facsimile.reports.page import Beside, Page, Picture, Section
from facsimile.reports.settings_table import settings_table

NOTICE = (
    "The faces shown here are those of the input, and were not changed here: beside each lies the "
    "same face beneath a heat map, marked ANALYSIS in the picture. A score is what one net, "
    "trained on some kinds of fakes, makes of a face. It is no proof, and on other kinds of fakes, "
    "other people or other compression it may be no better than guessing."
)
MAPS = (
    "left the face as the net saw it, right with what raises its score (Grad-CAM), brightest where "
    "it weighs most; scaled to each face's own highest value"
)
_MOST = 50  # rows of files that could not be looked at


@runtime_checkable
class Judgement(Protocol):
    """One file with its scores; see `facsimile.pipelines.detect_file.Judged`."""

    path: str
    sha256: str
    kind: str
    score: float | None
    problem: str | None
    frames: list[dict[str, Any]]
    maps: list[str]


def detection_page(
    description: Mapping[str, Any],
    shown: Sequence[Judgement],
    problems: Mapping[str, str],
    count: int,
) -> Page:
    """Files with their scores, each with its course and the heat maps that lie in maps/.

    Args:
        description: Of model and settings, as in detect.json.
        shown: The files with the highest scores, in the order of the page.
        problems: Files that were not looked at, with the reasons.
        count: How many were.
    """
    sections = [_overview(shown, problems, count)]
    sections += [_file(one) for one in shown if one.score is not None]
    return Page("facsimile: detection", [*sections, _about(description)], NOTICE)


def _overview(shown: Sequence[Judgement], problems: Mapping[str, str], count: int) -> Section:
    columns = ["file", "score", "highest frame", "frames", "without a face", "faces"]
    rows = [[one.path, *_counts(one)] for one in shown if one.score is not None]
    note = (
        "Scores of being fake, from 0 to 1: of a file the mean of its frames' scores, of a frame "
        "the highest of its faces'."
    )
    aside = [[one.path, one.problem or ""] for one in shown if one.score is None]
    aside += [[path, reason] for path, reason in islice(problems.items(), _MOST)]
    if more := count + len(problems) - len(rows) - len(aside):
        note += f" And {more} more files, which detect.json lists."
    section = Section("Files", blocks=[Table("Scores", columns, rows, note)])
    if aside:
        section.blocks.append(Table("Without a score", ["file", "reason"], aside, names=2))
    return section


def _counts(one: Judgement) -> list[str]:
    scores = [frame["score"] for frame in one.frames if frame["score"] is not None]
    shown = [f"{one.score:.3f}", f"{max(scores):.3f}"]
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
    section.blocks += [Beside(f"maps/{name}", f"maps/{name}: {MAPS}") for name in one.maps]
    return section
