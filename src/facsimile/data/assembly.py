"""Finished jobs, and what an earlier output holds already, brought together as one data set."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.data.jobs import Job
from facsimile.data.problems import Problem
from facsimile.data.records import FACES, REJECTED
from facsimile.data.tables import TableWriter
from facsimile.media.files import Made, atomic_path, sha256

#: batches.parquet: how many rows of the other two tables, in order, are each batch's; `key` is one
#: hash of all that the batch was made from. DVC does not see it, since it changes with the code
#: while the faces do not; so it holds the SHA-256 of the faces' table that it belongs to.
BATCHES = pa.schema(
    [("batch", pa.string()), ("key", pa.string()), ("faces", pa.int64()), ("rejected", pa.int64())]
)
MADE = Made(
    ("faces.parquet",), ("rejected.parquet", "batches.parquet", "images", "shards", "source.yaml")
)
_FACES = b"faces"
_PICTURES = ("images", "shards")


def assemble(jobs: Iterable[Job], problems: Iterable[Problem], folder: Path) -> tuple[int, int]:
    """Put the jobs' tables and pictures together in `folder`, in the jobs' order.

    Args:
        jobs: Each done.
        problems: What the data set itself could not offer: the last rows of what was set aside.
        folder: Exists and is empty.

    Returns:
        The numbers of faces and of what was set aside.
    """
    with (
        TableWriter(folder / "faces.parquet", FACES) as faces,
        TableWriter(folder / "rejected.parquet", REJECTED) as rejected,
    ):
        done: dict[str, list[Any]] = {name: [] for name in BATCHES.names}
        for job in jobs:
            before = faces.rows, rejected.rows
            faces.add_file(job.faces)
            rejected.add_file(job.rejected)
            counts = faces.rows - before[0], rejected.rows - before[1]
            for name, value in zip(done, (job.batch.name, job.key, *counts), strict=True):
                done[name].append(value)
            for name in _PICTURES:
                _link_tree(job.folder / name, folder / name)
        rejected.add([{"path": one.path, "reason": one.reason} for one in problems])
    _write(folder / "batches.parquet", pa.table(done, BATCHES), folder / "faces.parquet")
    return faces.rows, rejected.rows


def write_batches(path: Path, rows: Sequence[Mapping[str, Any]], faces: Path) -> None:
    """Write the rows of BATCHES that belong to this table of faces."""
    _write(path, pa.Table.from_pylist(list(rows), BATCHES), faces)


def _write(path: Path, table: pa.Table, faces: Path) -> None:
    with atomic_path(path) as partial:
        pq.write_table(table.replace_schema_metadata({_FACES: sha256(faces)}), partial)


def read_batches(folder: Path) -> list[dict[str, Any]] | None:
    """The rows of an output's BATCHES; None where there are none, or they are another table's."""
    table = _read(folder)
    return None if table is None else list(table.to_pylist())


def _read(folder: Path) -> pa.Table | None:
    path, faces = folder / "batches.parquet", folder / "faces.parquet"
    if not (path.is_file() and faces.is_file()):
        return None
    table = pq.read_table(path)
    if (table.schema.metadata or {}).get(_FACES) != sha256(faces).encode():
        return None
    return table


def take_over(earlier: Path, jobs: Iterable[Job]) -> int:
    """Fill the folders of those jobs that an earlier output has done; returns how many it had.

    Args:
        earlier: The output's folder; nothing is taken from one that is incomplete.
        jobs: What of them is done already is left alone.
    """
    done = _read(earlier)
    if done is None or not (earlier / "rejected.parquet").is_file():
        return 0
    wanted = {job.key: job for job in jobs if not job.faces.exists()}
    faces = _portions(earlier / "faces.parquet", FACES, _values(done["faces"]))
    rejected = _portions(earlier / "rejected.parquet", REJECTED, _values(done["rejected"]))
    return sum(
        key in wanted and _restore(wanted[key], earlier, mine, aside)
        for key, mine, aside in zip(_values(done["key"]), faces, rejected, strict=True)
    )


def _values(column: pa.ChunkedArray) -> Iterator[Any]:
    """One after the other: a list of all would take many times as much as the column."""
    return (value.as_py() for value in column)


def _restore(job: Job, earlier: Path, faces: pa.Table, rejected: pa.Table) -> bool:
    """Fill a job's folder; False, and nothing done, where a picture is not there any more."""
    # a picture in a tar is taken over with the tar, once
    pictures = {
        path.partition(".tar/")[0] + ".tar" if path.startswith("shards/") else path
        for path in faces["path"].to_pylist()
    }
    if not all((earlier / path).is_file() for path in pictures):
        return False
    shutil.rmtree(job.folder, ignore_errors=True)
    for path in sorted(pictures):
        _link(earlier / path, job.folder / path)
    for path, table in ((job.rejected, rejected), (job.faces, faces)):
        with TableWriter(path, table.schema) as writer:
            writer.add(table.to_pylist())
    return True


def _portions(path: Path, schema: pa.Schema, counts: Iterable[int]) -> Iterator[pa.Table]:
    """The rows of a table in portions of the given sizes, read one after the other."""
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(columns=schema.names)
        table = pa.Table.from_batches([], schema)
        for count in counts:
            while len(table) < count:
                more = pa.Table.from_batches([next(batches)], schema)
                table = pa.concat_tables([table, more])
            yield table.slice(0, count)
            table = table.slice(count)


def _link_tree(source: Path, target: Path) -> None:
    """One file after the other: a folder may hold those of an hour."""
    if not source.is_dir():
        return
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _link_tree(Path(entry), target / entry.name)
            else:
                _link(Path(entry), target / entry.name)


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system has no such thing."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
