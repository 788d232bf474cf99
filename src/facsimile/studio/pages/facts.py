"""A data set in figures: counts, sizes, problems, qualities."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facsimile.data.description import DataSetDescription
from facsimile.studio.pages.charts import Histogram, histogram
from facsimile.studio.pages.conflict import told
from facsimile.studio.pages.fields import FIELDS
from facsimile.studio.pages.form_data import typed_of
from facsimile.studio.pages.words import moment, size
from facsimile.studio.schema import DataSet, ImageInfo

PROBLEMS = 25  # on the page
_QUALITIES = {
    "sharpness": "Sharpness",
    "blur": "Blur, perceptual",
    "brightness": "Brightness, grey",
    "contrast": "Contrast",
    "yaw": "Turn to the side, degrees",
    "eye_distance": "Distance of the eyes, pixels",
}

Fact = tuple[str, str]


def facts(found: DataSet, images: Sequence[ImageInfo]) -> list[Fact]:
    """What the last check counted, and the kinds and sizes of the files that it looked into."""
    if found.findings is None:
        return []
    return [*_counted(found.findings), *_looked_into(images), ("Changed", moment(found.changed))]


def _counted(findings: Mapping[str, Any]) -> Iterator[Fact]:
    kinds = findings.get("kinds", {})
    yield "Clips", f"{findings.get('clips', 0):,}"
    if len(kinds) > 1:
        yield from ((f"{kind.capitalize()}s", f"{count:,}") for kind, count in kinds.items())
    labels = Counter[str]()
    for split in findings.get("splits", {}).values():
        labels.update(split)
    yield "Real / fake", f"{labels['real']:,} / {labels['fake']:,}"
    yield "People", f"{findings.get('subjects', 0):,}"
    yield "Size", size(findings.get("bytes", 0))
    if findings.get("empty_files"):
        yield "Empty files", f"{findings['empty_files']:,}"


def _looked_into(images: Sequence[ImageInfo]) -> Iterator[Fact]:
    good = [one for one in images if not one.problem]
    if not good:
        return
    types = Counter(one.type for one in good)
    yield "Types", ", ".join(f"{count:,} {name}" for name, count in types.most_common(4))
    sides = [(one.width, one.height) for one in good if one.width and one.height]
    if sides:
        low, high = min(sides, key=_area), max(sides, key=_area)
        spread = [f"{width} × {height}" for width, height in dict.fromkeys((low, high))]
        yield "Width × height", " to ".join(spread)
    searched = [one.faces for one in good if one.faces is not None]
    if searched:
        yield "Faces", f"{sum(searched):,} in {len(searched):,} files"


def _area(sides: tuple[int, int]) -> int:
    return sides[0] * sides[1]


def problems(findings: Mapping[str, Any] | None) -> tuple[list[Mapping[str, str]], int]:
    """The first problems, and how many more there are."""
    kept = (findings or {}).get("problems", [])
    count = (findings or {}).get("problem_count", len(kept))
    return kept[:PROBLEMS], max(0, count - PROBLEMS)


def charts(images: Sequence[ImageInfo]) -> list[Histogram]:
    """How the faces' qualities are spread."""
    drawn = (
        histogram(title, [one.quality[key] for one in images if key in one.quality])
        for key, title in _QUALITIES.items()
    )
    return [chart for chart in drawn if chart is not None]


def parameters(said: DataSetDescription) -> list[Fact]:
    """Every field, by the words of the form."""
    typed = typed_of(said)
    shown = {key: one.label for key, one in FIELDS.items() if key != "crop_side"}
    if said.crop not in ("no", "face"):
        typed["crop"] = f"around the face, {said.crop} pixels"
    return [(label, told(typed[key]) or "–") for key, label in shown.items()]
