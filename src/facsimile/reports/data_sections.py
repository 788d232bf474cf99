"""What the report says of the data: sources, faces kept and dropped, splits."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from facsimile.data.spacing import places
from facsimile.evaluation.pictures import Row, sheet
from facsimile.evaluation.tables import Table
from facsimile.media.image import read_image
from facsimile.reports.origins import Lock
from facsimile.reports.page import Picture, Section, photo

_TILES = 12
_HEIGHT = 80


def sources_section(root: Path, name: str, lock: Lock) -> Section:
    """Origin, licence and consent of each source, as sources.yaml states them."""
    section = Section("Sources and consent")
    section.origins = [lock.origin(f"data/raw/{name}", f"facsimile fetch data={name}")]
    path = root / "sources.yaml"
    if not path.is_file():
        section.text = f"{path} is missing: run `facsimile fetch`."
        return section
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))
    keys = ("package", "origin", "licence", "consent")
    rows = [
        [source, *(str(stated.get(k, "-")) for k in keys)] for source, stated in sources.items()
    ]
    section.blocks = [Table("Who is shown, and on what terms", ["source", *keys], rows, names=5)]
    return section


def faces_section(faces: Path, selected: Path, name: str, lock: Lock) -> Section:
    """How many faces were found, kept and dropped, with pictures of both."""
    section = Section("Faces")
    section.origins = [
        lock.origin(f"data/faces/{name}", f"facsimile extract data={name}"),
        lock.origin(f"data/selected/{name}", f"facsimile select data={name}"),
    ]
    files = [faces / "faces.parquet", selected / "selected.parquet", selected / "rejected.parquet"]
    if missing := [path for path in files if not path.is_file()]:
        section.text = f"{missing[0]} is missing: run `facsimile extract` and `facsimile select`."
        return section
    found, kept, dropped = (pd.read_parquet(path) for path in files)
    dropped["reason"] = [plain_reason(reason) for reason in dropped["reason"]]
    section.text = (
        f"{len(found)} faces were found, {len(kept)} kept; the others are near-duplicates of kept "
        "ones or too poor."
    )
    section.blocks = [
        _counts(found, kept),
        _reasons(dropped),
        _picture("Kept, a row a subject", faces, _by_subject(kept)),
        _picture("Dropped, a row a reason", faces, _groups(dropped, "reason")),
    ]
    return section


def splits_section(splits: Path, name: str, lock: Lock) -> Section:
    """How many faces and people are in each split."""
    section = Section("Splits")
    section.text = (
        "Enhancement is split by person, the swap pair by blocks of time; a check refuses any leak."
    )
    section.origins = [lock.origin(f"data/splits/{name}", f"facsimile split data={name}")]
    titles = {"identity": "By person, for enhancement", "swap": "By time, for the swap pair"}
    for stem, title in titles.items():
        path = splits / f"{stem}.parquet"
        if path.is_file():
            section.blocks.append(_split_table(pd.read_parquet(path), title))
        else:
            section.text += f" {path} is missing: run `facsimile split`."
    return section


def plain_reason(reason: str) -> str:
    """A reason without its numbers, so that like reasons count together.

    >>> plain_reason("score 0.52 is outside the limits")
    'score is outside the limits'
    """
    return re.sub(r"\s*-?\b\d+(\.\d+)?\b", "", reason).strip()


def _counts(found: pd.DataFrame, kept: pd.DataFrame) -> Table:
    groups = found["subject"].map(_person)
    all_faces = found.groupby(groups).size()
    kept_faces = kept.groupby(kept["subject"].map(_person)).size()
    rows = [[str(s), str(n), str(kept_faces.get(s, 0))] for s, n in all_faces.items()]
    return Table("Faces of each subject", ["subject", "found", "kept"], rows)


def _person(subject: str) -> str:
    """Forty people with ten pictures each would swamp the table."""
    return "orl" if subject.startswith("orl_") else subject


def _reasons(dropped: pd.DataFrame) -> Table:
    counts = dropped["reason"].value_counts()
    rows = [[str(reason), str(count)] for reason, count in counts.items()]
    return Table("Why faces were dropped", ["reason", "faces"], rows)


def _by_subject(kept: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return _groups(kept.assign(subject=kept["subject"].map(_person)), "subject")


def _groups(table: pd.DataFrame, column: str) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby(column, sort=True)}


def _picture(caption: str, root: Path, groups: dict[str, pd.DataFrame]) -> Picture:
    rows = [(f"{name} ({len(paths)})", _tiles(root, paths)) for name, paths in groups.items()]
    shown: list[Row] = [row for row in rows if row[1]]
    if not shown:
        shown = [("none", [np.full((_HEIGHT, _HEIGHT, 3), 230, np.uint8)])]
    return photo(sheet(shown, _HEIGHT), caption)


def _tiles(root: Path, rows: pd.DataFrame) -> list[np.ndarray]:
    """Evenly spaced pictures of a table."""
    present = [path for path in rows["path"] if (root / path).is_file()]
    return [read_image(root / present[place]) for place in places(len(present), _TILES)]


def _split_table(rows: pd.DataFrame, title: str) -> Table:
    order = [split for split in ("train", "val", "test") if (rows["split"] == split).any()]
    cells = []
    for split in order:
        part = rows[rows["split"] == split]
        people = sorted(set(part["subject"].map(_person)))
        counts = [len(part), part["subject"].nunique(), part["clip"].nunique()]
        cells.append([split, ", ".join(people), *map(str, counts)])
    columns = ["split", "who", "faces", "people", "clips"]
    return Table(title, columns, cells, names=2)
