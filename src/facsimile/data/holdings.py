"""What of a person lies in a folder of faces, by the tables that lie there too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.errors import UserError

#: A folder as it is or was: path within it -> where that file lies.
Files = Mapping[str, Path]

#: The columns that tell whom a row shows.
COLUMNS = ("path", "gt", "dataset", "clip", "subject", "origin", "side")
_FACES = ("images/", "shards/", "data_src/", "data_dst/")
_SHEETS = (".png", ".jpg", ".jpeg", ".webp", ".html")


@dataclass(frozen=True)
class Person:
    """Whose faces are looked for, and what is known of them.

    Args:
        dataset: Name of the data set.
        subject: Name within it.
        clips: Those that show the person.
        own: Those that show nobody else.
        paths: Of the person's faces and, below data_src and data_dst, their copies.
        spared: Of the faces made from `own` clips that some table gives another name.
    """

    dataset: str
    subject: str
    clips: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Holding:
    """What a folder holds of a person.

    Args:
        whole: Files to be erased.
        tables: Parquet files that have rows of the person, and how many.
        shards: Tar files, and the members that show the person.
    """

    whole: set[str] = field(default_factory=set)
    tables: dict[str, int] = field(default_factory=dict)
    shards: dict[str, set[str]] = field(default_factory=dict)

    @property
    def files(self) -> set[str]:
        """All files that have anything of the person."""
        return self.whole | self.tables.keys() | self.shards.keys()


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files below a folder, dangling links included; empty where there is none."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def acquaint(person: Person, folders: Iterable[Files], sure: bool = False) -> Person:
    """Return the person with what the tables of these folders tell of clips and paths.

    Args:
        person: Whom to look for.
        folders: The folders.
        sure: They are the data set's own; else only tables that name the data set count.
    """
    known = [table for files in folders for table in _tables(files).values()]
    known = [table for table in known if {"path", "subject", "clip"} <= {*table.columns}]
    if not sure:
        known = [table[table.dataset == person.dataset] for table in known if "dataset" in table]
    shown, shared = set(person.clips), set()
    for table in known:
        shown |= set(table["clip"][rows_of(table, person, sure)])
        shared |= set(table["clip"][~table.subject.isin(["", person.subject])])
    own = frozenset((person.own | (shown - person.clips)) - shared)
    spared = {path for table in known for path in _spared(table, person.subject, own)}
    spared |= person.spared
    person = replace(person, clips=frozenset(shown), own=own, spared=frozenset(spared))
    paths = (path for t in known for path in t.path[rows_of(t, person, sure)])
    return replace(person, paths=person.paths | frozenset(paths))


def _spared(table: pd.DataFrame, subject: str, own: frozenset[str]) -> "pd.Series[str]":
    if "origin" not in table:
        return table.path[:0]
    return table.path[table.origin.isin(own) & ~table.subject.isin(["", subject])]


def is_of(files: Files, dataset: str) -> bool:
    """Whether a table of the folder names the data set."""
    tables = _tables(files).values()
    return any("dataset" in table and (table.dataset == dataset).any() for table in tables)


def holding(files: Files, person: Person, sure: bool = False) -> Holding:
    """Return what a folder holds of a person.

    That is their faces; the fakes made from their own clips, unless they show somebody else by
    name; a swap pair's side that is wholly theirs; tables with their rows; and, where there are
    such, the contact sheets, which cannot be cut.
    """
    found = Holding()
    for name, table in _tables(files).items():
        rows = rows_of(table, person, sure)
        if rows.any():
            found.tables[name] = int(rows.sum())
            _add_faces(found, files, set(table.path[rows]) if "path" in table else set())
            _add_sides(found, files, table, rows)
    if sure:
        _add_faces(found, files, set(person.paths))
    if found.files:
        found.whole.update(n for n in files if n.endswith(_SHEETS) and not n.startswith(_FACES))
    return found


def rows_of(table: pd.DataFrame, person: Person, sure: bool) -> "pd.Series[bool]":
    """Return which rows of a table tell of a person; `sure` that it is the data set's own."""
    nothing = pd.Series(False, index=table.index)
    if "path" not in table:  # of pairs of pictures, not of faces
        return table.subject == person.subject if sure and "subject" in table else nothing
    by_path = table.path.isin(person.paths) if sure else nothing
    if sure and "gt" in table:  # of a degraded picture: the face that it was made from
        by_path |= table["gt"].isin(person.paths)
    if "subject" not in table:
        return by_path
    mine = table.subject == person.subject
    if "origin" in table:
        made_from = table.origin.isin(person.own) & (table.subject == "")
        mine |= made_from & ~table.path.isin(person.spared)
    if "dataset" in table:
        return by_path | (mine & (table.dataset == person.dataset))
    # a table without the name of its data set may be another's, who has a person of this name
    return by_path | (mine if sure else mine & table["clip"].isin(person.clips))


def _add_faces(found: Holding, files: Files, paths: set[str]) -> None:
    for path in paths:
        shard, tar, member = path.partition(".tar/")
        if path in files:
            found.whole.add(path)
        elif tar and f"{shard}.tar" in files:
            found.shards.setdefault(f"{shard}.tar", set()).add(member)


def _add_sides(found: Holding, files: Files, table: pd.DataFrame, rows: "pd.Series[bool]") -> None:
    if "side" not in table:
        return
    for side in set(table.side[rows]) - {""} - set(table.side[~rows]):
        found.whole.update(name for name in files if name.startswith(f"data_{side}/"))


def _tables(files: Files) -> dict[str, pd.DataFrame]:
    tables = {name: path for name, path in files.items() if _is_table(name, files)}
    return {name: _read(path) for name, path in tables.items() if path.is_file()}


def _is_table(name: str, files: Files) -> bool:
    if name == "rejected.parquet" and "faces.parquet" in files:
        return False  # its paths are those of the source files, of which no face was kept
    # one that was being written is not whole
    return name.endswith(".parquet") and not name.rpartition("/")[2].startswith(".partial-")


def _read(path: Path) -> pd.DataFrame:
    try:
        names = [name for name in pq.read_schema(path).names if name in COLUMNS]
        table: pd.DataFrame = pq.read_table(path, columns=names).to_pandas()
    except pa.ArrowInvalid as error:
        raise UserError(
            f"cannot read {path}, so whom it shows is unknown: delete it by hand ({error})"
        ) from error
    return table.fillna("")
