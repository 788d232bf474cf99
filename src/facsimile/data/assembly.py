"""Finished jobs, and what an earlier output holds already, brought together as one data set."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from facsimile.data.jobs import Job
from facsimile.data.problems import Problem
from facsimile.data.records import FACES, REJECTED
from facsimile.data.tables import TableWriter, read_parquet
from facsimile.media.files import Made

#: batches.parquet: how many rows of the other two tables, in order, are each batch's; `key` is one
#: hash of all that the batch was made from.
BATCHES = pa.schema(
    [("batch", pa.string()), ("key", pa.string()), ("faces", pa.int64()), ("rejected", pa.int64())]
)
MADE = Made(
    ("faces.parquet",), ("rejected.parquet", "batches.parquet", "images", "shards", "source.yaml")
)
_PICTURES = ("images", "shards")


def assemble(
    jobs: Sequence[tuple[Job, str]], problems: Iterable[Problem], folder: Path
) -> tuple[int, int]:
    """Put the jobs' tables and pictures together in `folder`, in the jobs' order.

    Args:
        jobs: Each done, with its key.
        problems: What the data set itself could not offer: the last rows of what was set aside.
        folder: Exists and is empty.

    Returns:
        The numbers of faces and of what was set aside.
    """
    with (
        TableWriter(folder / "faces.parquet", FACES) as faces,
        TableWriter(folder / "rejected.parquet", REJECTED) as rejected,
        TableWriter(folder / "batches.parquet", BATCHES) as done,
    ):
        for job, key in jobs:
            before = faces.rows, rejected.rows
            faces.add_file(job.faces)
            rejected.add_file(job.rejected)
            counts = {"faces": faces.rows - before[0], "rejected": rejected.rows - before[1]}
            done.add([{"batch": job.batch.name, "key": key, **counts}])
            for name in _PICTURES:
                _link_tree(job.folder / name, folder / name)
        rejected.add([{"path": one.path, "reason": one.reason} for one in problems])
        return faces.rows, rejected.rows


def take_over(earlier: Path, jobs: Sequence[tuple[Job, str]]) -> int:
    """Fill the folders of those jobs that an earlier output has done; returns how many it had.

    Args:
        earlier: The output's folder; nothing is taken from one that is incomplete.
        jobs: With their keys; what is done already is left alone.
    """
    tables = [earlier / f"{name}.parquet" for name in ("batches", "faces", "rejected")]
    if not all(table.is_file() for table in tables):
        return 0
    wanted = {key: job for job, key in jobs if not job.faces.exists()}
    batches = read_parquet(tables[0], BATCHES.names, "extract")
    faces = _portions(tables[1], FACES, list(batches.faces))
    rejected = _portions(tables[2], REJECTED, list(batches.rejected))
    taken = 0
    for key, mine, aside in zip(batches.key, faces, rejected, strict=False):
        if key in wanted:
            _restore(wanted[key], earlier, mine, aside)
            taken += 1
    return taken


def _restore(job: Job, earlier: Path, faces: pa.Table, rejected: pa.Table) -> None:
    shutil.rmtree(job.folder, ignore_errors=True)
    for path in faces["path"].to_pylist():
        # a picture in a tar is taken over with the tar, once
        shard = path.partition(".tar/")[0] + ".tar" if path.startswith("shards/") else path
        _link(earlier / shard, job.folder / shard)
    for path, table in ((job.rejected, rejected), (job.faces, faces)):
        with TableWriter(path, table.schema) as writer:
            writer.add(table.to_pylist())


def _portions(path: Path, schema: pa.Schema, counts: Sequence[int]) -> Iterator[pa.Table]:
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
    for path in sorted(source.rglob("*")):
        if path.is_file():
            _link(path, target / path.relative_to(source))


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system has no such thing."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
