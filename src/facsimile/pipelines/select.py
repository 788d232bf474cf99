"""Keep good, distinct faces, embed them, and lay out the two sides of the swap pair."""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig

from facsimile.data.decisions import read_decisions
from facsimile.data.forget import withdrawn
from facsimile.data.records import FACES, REJECTED
from facsimile.data.selection import SELECTED, Thresholds, side_path
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder
from facsimile.media.image import read_image, write_image
from facsimile.media.members import read_media
from facsimile.pipelines.choose import Rules, choose
from facsimile.pipelines.places import output_folder
from facsimile.reports.contact_sheet import contact_sheet

_MADE = Made(
    ("selected.parquet",), ("rejected.parquet", "contact_sheet.jpg", "data_src", "data_dst")
)
_SORTABLE = [
    f.name for f in SELECTED if pa.types.is_integer(f.type) or pa.types.is_floating(f.type)
]


def run(cfg: DictConfig) -> None:
    """Select from `data/faces/<data.name>` (or `input=`) into `data/selected/<data.name>`.

    With `input=`, into `output=`. Every face that is left out stands in `rejected.parquet` with its
    reason; `contact_sheet.jpg` shows what was kept and what was not.
    """
    output = output_folder(cfg, Path(cfg.paths.selected) / cfg.data.name)
    _MADE.check(output)
    folder = Path(cfg.input or Path(cfg.paths.faces) / cfg.data.name)
    given = cfg.params.select
    by, ascending = _order(given.sort)
    faces = read_parquet(folder / "faces.parquet", FACES.names, "extract")
    # a manifest that DVC brought back may be older than a withdrawal
    if cfg.input is None:
        faces = faces[~faces.subject.isin(withdrawn(Path(cfg.paths.data), cfg.data.name))]
    rules = _rules(given, faces)
    sides = _sides(list(cfg.data.swap_pair), set(faces.subject))
    chosen, rejected = choose(faces, folder, rules, lambda: instantiate(cfg.embedder))
    chosen["side"] = [sides.get(subject, "") for subject in chosen.subject]
    if by:
        chosen = chosen.sort_values(by, ascending=ascending, kind="stable")
    with atomic_folder(output, _MADE) as made:
        _write(chosen, rejected, folder, made)
    _summarise(chosen, rejected, output)


def _sides(swap_pair: list[str], subjects: set[str]) -> dict[str, str]:
    if missing := [subject for subject in swap_pair if subject not in subjects]:
        known = ", ".join(sorted(subjects - {""})[:20]) or "nobody"
        raise UserError(
            f"params.select.swap_pair names {missing[0]}, of whom there is no face. The data set "
            f"shows {known}. For data without a pair: params.select.swap_pair=[]"
        )
    return dict(zip(swap_pair, ("src", "dst"), strict=False))


def _rules(given: DictConfig, faces: pd.DataFrame) -> Rules:
    decisions = given.decisions and read_decisions(Path(given.decisions), set(faces.path))
    return Rules(_thresholds(given), float(given.same_person), given.best, decisions or {})


def _thresholds(given: DictConfig) -> Thresholds:
    names = [field.name for field in fields(Thresholds) if field.name in given]
    return Thresholds(**{name: _limit(name, given[name]) for name in names})  # type: ignore[arg-type]


def _limit(name: str, value: Any) -> float | list[float] | None:
    if not isinstance(value, ListConfig):
        return None if value is None else float(value)
    low, high = map(float, value)
    if low > high:
        raise UserError(f"params.select.{name} is [{low}, {high}]: lowest first")
    return [low, high]


def _order(sort: str | None) -> tuple[str, bool]:
    """The column to sort by, if any, and whether the lowest value comes first."""
    name = (sort or "").removeprefix("-")
    if name and name not in _SORTABLE:
        known = ", ".join(_SORTABLE)
        raise UserError(f"params.select.sort={sort}: give one of {known}, with a - highest first")
    return name, sort == name


def _write(chosen: pd.DataFrame, rejected: pd.DataFrame, folder: Path, made: Path) -> None:
    write_parquet(made / "selected.parquet", chosen, SELECTED)
    write_parquet(made / "rejected.parquet", rejected, REJECTED)
    for row in chosen[chosen.side != ""].to_dict("records"):
        target = made / side_path(row["side"], row["clip"], row["frame"], row["face"])
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(read_media(folder / row["path"]))
    sheet = contact_sheet(chosen, rejected, lambda path: read_image(folder / path))
    if sheet is not None:
        write_image(made / "contact_sheet.jpg", sheet)


def _summarise(chosen: pd.DataFrame, rejected: pd.DataFrame, output: Path) -> None:
    sides = chosen[chosen.side != ""].groupby("subject").size().to_dict()
    pair = ", ".join(f"{subject} {count}" for subject, count in sides.items())
    kept = f"{len(chosen)} faces kept ({pair or 'no pair'})"
    print(f"{output}: {kept}, {len(rejected)} set aside", file=sys.stderr)
