"""Erase a person from a folder of faces: files, rows of tables, members of tar files."""

import shutil
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.data.assembly import read_batches, write_batches
from facsimile.data.dfdc_writing import PEOPLE
from facsimile.data.holdings import COLUMNS, Holding, Person, rows_of
from facsimile.media.files import atomic_path

_ROWS = 16384  # that are read, and written as a row group
BATCHES = "batches.parquet"
_LAST = ("faces.parquet", "selected.parquet")  # they tell what is left to do, should it be killed


def detach(folder: Path, held: Holding) -> None:
    """Replace links by copies, where a file has to outlive the copy in the cache: others' rows."""
    for name in sorted(held.tables.keys() | held.shards.keys()):
        if (folder / name).is_symlink():
            with atomic_path(folder / name) as partial:
                shutil.copyfile(folder / name, partial)


def erase(folder: Path, held: Holding, person: Person, afresh: bool = False) -> None:
    """Erase what a folder holds of a person; whatever of it is gone already is no error.

    Tables are the last to change, so that the same call goes on after an interruption. Files may
    be links into DVC's cache, or not writable: they are replaced, never written to.

    Args:
        folder: Of faces.
        held: What it holds of the person.
        person: Whose it is.
        afresh: Whether a later extraction is to take nothing over from here.
    """
    if afresh and held.files:
        (folder / BATCHES).unlink(missing_ok=True)
    for left in [path for path in folder.rglob(".partial-*") if not path.is_dir()]:
        left.unlink()  # of a call that was killed
    for name in sorted(held.whole, key=_telling):
        (folder / name).unlink(missing_ok=True)
        _remove_empty((folder / name).parent, folder)
    for name, members in sorted(held.shards.items()):
        drop_members(folder / name, members)
    for name in sorted(held.tables, key=lambda name: (name in _LAST, name)):
        if name == "faces.parquet" and (folder / BATCHES).is_file():
            _drop_faces(folder, person)
        else:
            drop_rows(folder / name, person)


def _telling(name: str) -> tuple[bool, bool, str]:
    """Last what tells whom the others show: a part's list of people, and a video by its name."""
    return name == PEOPLE, name.endswith(".mp4"), name


def drop_members(path: Path, members: set[str]) -> None:
    """Rewrite a tar file without these members, the others as they were; none left, no file."""
    if not path.is_file():
        return
    with tarfile.open(path) as source:
        kept = [member for member in source if member.name not in members]
        if not kept:
            path.unlink()
            return
        with (
            atomic_path(path) as partial,
            tarfile.open(partial, "w", format=tarfile.GNU_FORMAT) as target,
        ):
            for member in kept:
                target.addfile(member, source.extractfile(member) if member.isreg() else None)


def _drop_faces(folder: Path, person: Person) -> None:
    """Keep the numbers of each batch's rows right, by which a later extraction takes them over."""
    faces = folder / "faces.parquet"
    batches = read_batches(folder)
    counts = _left(faces, person, [batch["faces"] for batch in batches or ()])
    # in between there is no such table, and a later extraction takes nothing over
    (folder / BATCHES).unlink()
    drop_rows(faces, person)
    if batches:
        rows = [{**batch, "faces": count} for batch, count in zip(batches, counts, strict=True)]
        write_batches(folder / BATCHES, rows, faces)


def _left(faces: Path, person: Person, counts: list[int]) -> list[int]:
    """How many rows each portion of a table, of so many rows, has without a person."""
    with pq.ParquetFile(faces) as source:
        kept = [
            ~rows_of(_plain(pa.Table.from_batches([batch])), person, sure=True)
            for batch in source.iter_batches(_ROWS)
        ]
    before = np.cumsum([0, *np.concatenate([np.zeros(0, bool), *kept])])
    left: list[int] = np.diff(before[np.cumsum([0, *counts])]).tolist()
    return left


def drop_rows(path: Path, person: Person) -> None:
    """Rewrite a parquet file of the data set without the rows of a person."""
    with (
        pq.ParquetFile(path) as source,
        atomic_path(path) as partial,
        pq.ParquetWriter(partial, source.schema_arrow) as target,
    ):
        for batch in source.iter_batches(_ROWS):
            table = pa.Table.from_batches([batch])
            rows = rows_of(_plain(table), person, sure=True)
            target.write_table(table.filter(pa.array(~rows)))


def _plain(table: pa.Table) -> pd.DataFrame:
    columns = [name for name in COLUMNS if name in table.column_names]
    frame: pd.DataFrame = table.select(columns).to_pandas().fillna("")
    return frame


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
