"""Keep good, distinct faces, embed them, and lay out the two sides of the swap pair."""

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig

from facsimile.data.decisions import read_decisions
from facsimile.data.forget import show_withdrawn, withdrawn
from facsimile.data.manifest import ROWS, read_columns, read_rows
from facsimile.data.records import FACES, REJECTED
from facsimile.data.selection import SELECTED, Thresholds, side_path
from facsimile.data.tables import write_parquet
from facsimile.errors import UserError
from facsimile.faces.embedded_by import EMBEDDER
from facsimile.faces.quality import QUALITIES
from facsimile.media.files import Made, atomic_folder, atomic_path
from facsimile.media.image import read_image, write_image
from facsimile.media.members import read_media
from facsimile.pipelines.choose import Choice, Rules, choose
from facsimile.pipelines.places import output_folder
from facsimile.reports.contact_sheet import contact_sheet

_MADE = Made(
    ("selected.parquet",), ("rejected.parquet", "contact_sheet.jpg", "data_src", "data_dst")
)
_READ = (
    *("path", "clip", "subject", "origin", "frame", "face", "track", "label"),
    *("bbox_w", "bbox_h", "score", *QUALITIES, "crop_landmarks"),
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
    by, ascending = _order(cfg.params.select.sort)
    faces = _faces(cfg, folder / "faces.parquet", by)
    rules = _rules(cfg, faces)
    sides = _sides(list(cfg.data.swap_pair), set(faces.subject))
    choice = choose(faces, folder, rules, lambda: instantiate(cfg.embedder))
    kept = choice.kept
    kept["side"] = [sides.get(subject, "") for subject in kept.subject]
    if by:
        kept = kept.sort_values(by, ascending=ascending, kind="stable")
    choice = replace(choice, kept=kept)
    with atomic_folder(output, _MADE) as made:
        _write(choice, folder, made, cfg.embedder._target_)
    _summarise(choice, output)


def _faces(cfg: DictConfig, table: Path, by: str) -> pd.DataFrame:
    """What decides over each face, with its place in the table."""
    columns = [*_READ, *({by} & {*FACES.names})]
    faces = read_columns(table, columns, FACES, "extract")
    faces["row"] = np.arange(len(faces))
    # a manifest that DVC brought back may be older than a withdrawal
    gone = withdrawn(Path(cfg.paths.data), cfg.data.name) if cfg.input is None else None
    return faces[~show_withdrawn(faces, gone)] if gone else faces


def _sides(swap_pair: list[str], subjects: set[str]) -> dict[str, str]:
    if missing := [subject for subject in swap_pair if subject not in subjects]:
        known = ", ".join(sorted(subjects - {""})[:20]) or "nobody"
        raise UserError(
            f"params.select.swap_pair names {missing[0]}, of whom there is no face. The data set "
            f"shows {known}. For data without a pair: params.select.swap_pair=[]"
        )
    return dict(zip(swap_pair, ("src", "dst"), strict=False))


def _rules(cfg: DictConfig, faces: pd.DataFrame) -> Rules:
    given, decisions = cfg.params.select, {}
    if (file := cfg.data.get("decisions")) is not None:
        decisions = read_decisions(Path(cfg.paths.root, file), set(faces.path))
    return Rules(_thresholds(given), float(given.same_person), given.best, decisions)


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


def _write(choice: Choice, folder: Path, made: Path, embedder: str) -> None:
    kept, rejected = choice.kept, choice.rejected
    schema = SELECTED.with_metadata({EMBEDDER: embedder})
    _write_selected(made / "selected.parquet", choice, folder / "faces.parquet", schema)
    write_parquet(made / "rejected.parquet", rejected, REJECTED)
    pair = kept.loc[kept.side != "", ["path", "side", "clip", "frame", "face"]]
    for path, *face in pair.to_numpy().tolist():
        target = made / side_path(*face)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(read_media(folder / path))
    sheet = contact_sheet(kept, rejected, lambda path: read_image(folder / path))
    if sheet is not None:
        write_image(made / "contact_sheet.jpg", sheet)


def _write_selected(target: Path, choice: Choice, table: Path, schema: pa.Schema) -> None:
    rows = read_rows(table, choice.kept.row.to_numpy(), FACES)
    with atomic_path(target) as partial, pq.ParquetWriter(partial, schema) as file:
        for number, portion in enumerate(rows):
            found = choice.kept.iloc[number * ROWS : (number + 1) * ROWS]
            for name in ("subject", "identity", "side"):
                portion[name] = found[name].to_numpy()
            portion["embedding"] = list(choice.embeddings[found.place])
            made = pa.Table.from_pandas(portion, SELECTED, preserve_index=False)
            # without the metadata that pandas adds: its version would be in the bytes
            file.write_table(made.replace_schema_metadata(None))


def _summarise(choice: Choice, output: Path) -> None:
    kept = choice.kept
    sides = kept[kept.side != ""].groupby("subject").size().to_dict()
    pair = ", ".join(f"{subject} {count}" for subject, count in sides.items())
    told = f"{len(kept)} faces kept ({pair or 'no pair'})"
    print(f"{output}: {told}, {len(choice.rejected)} set aside", file=sys.stderr)
