"""One batch of clips extracted into a folder of its own: the work that executors hand out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Any

import cv2

from facsimile.data.batching import Batch, Group
from facsimile.data.extraction import Extraction, Found, Look
from facsimile.data.fitting import Fitting
from facsimile.data.journal import Journal
from facsimile.data.problems import Problem
from facsimile.data.records import FACES, REJECTED, Clip
from facsimile.data.sighting import relative
from facsimile.data.store import Keep, loose, shard
from facsimile.data.tables import TableWriter
from facsimile.faces.align import FaceType
from facsimile.faces.detect import Detector, Face
from facsimile.faces.tracks import Tracks

_MANY = 64  # rows that are handed to the table, and frames that are told of, together
_FATAL = "reading it ended the process"


@dataclass(frozen=True)
class Settings:
    """All that decides what is extracted from a file; `key` is one hash of it.

    Args:
        key: The hash; settings with the same key are the same.
        make_detector: Makes one; it can be pickled.
        size: Side of the aligned crops, pixels.
        coverage: Field of view of the aligned crops (see `similarity`).
        every: As in `Extraction`.
        frames: As in `Extraction`.
        time_limit: As in `Extraction`.
        shards: Keep the pictures of a batch in one tar.
        fitting: As in `Extraction`.
    """

    key: str
    make_detector: Callable[[], Detector] = field(compare=False)
    size: int
    coverage: float | FaceType
    every: int = 1
    frames: int | None = None
    time_limit: float | None = None
    shards: bool = False
    fitting: Fitting = Fitting()


@dataclass(frozen=True, slots=True)
class Job:
    """A batch to extract into a folder of its own; there may be a million of them.

    Args:
        batch: What is extracted.
        root: What paths are told relative to.
        work: Where the folder is, beside those of other jobs.
        settings: How.
        threads: So many take part.
        key: A hash of all that decides the result; jobs with the same key have the same.
    """

    batch: Batch
    root: Path
    work: Path
    settings: Settings
    threads: int = 1
    key: str = ""

    @property
    def folder(self) -> Path:
        """Where its result is put together."""
        return self.work / f"{self.batch.name}-{self.key[:16]}"

    @property
    def faces(self) -> Path:
        """The faces' rows; where it exists, the job is done."""
        return self.folder / "faces.parquet"

    @property
    def rejected(self) -> Path:
        """What was set aside."""
        return self.folder / "rejected.parquet"


def extract_batch(job: Job) -> Iterator[int]:
    """Do a job, anew where it was left unfinished; yields the number of frames as they are done."""
    if job.faces.exists():
        return
    journal = Journal(job.folder)
    apart = journal.attempt()
    # the faces' table takes its name last: it says that the job is done
    with (
        TableWriter(job.faces, FACES) as faces,
        TableWriter(job.rejected, REJECTED) as rejected,
        _store(job) as keep,
        _one_opencv_thread(),
    ):
        for looks in _clips(job, journal, apart):
            for rows, reasons, frames in _in_portions(looks, keep):
                faces.add(rows)
                rejected.add(reasons)
                yield frames


def blame(job: Job) -> None:
    """Set the file aside that ended the process, in the job's next attempt and those after it.

    Where files were read together, the next attempt reads each by itself, to tell which it is.

    Raises:
        UserError: no file was being read.
    """
    Journal(job.folder).blame()


@lru_cache(maxsize=1)
def _extraction(settings: Settings, threads: int) -> Extraction:
    """One a process: loading a detector may take longer than a short clip."""
    return Extraction(
        [settings.make_detector() for _ in range(threads)],
        settings.size,
        settings.coverage,
        settings.every,
        settings.frames,
        settings.time_limit,
        settings.fitting,
    )


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """The frames are shared out among threads already."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _store(job: Job) -> AbstractContextManager[Keep]:
    return shard(job.folder, job.batch.name) if job.settings.shards else loose(job.folder)


def _clips(job: Job, journal: Journal, apart: bool) -> Iterator[Iterator[tuple[Look, list[int]]]]:
    """Of each clip every look, with the track of each face."""
    extraction = _extraction(job.settings, job.threads)
    known: dict[str, dict[int, tuple[tuple[int, int], list[Face]]]] = {}
    lenders = {group[0].boxes_of for group in job.batch.groups} - {""}
    number = count()
    for group in job.batch.groups:
        first = group[0]
        read = partial(extraction.clip, root=job.root, known=known.get(first.boxes_of))
        looks = _read(read, [(next(number), clip) for clip in group], job.root, journal, apart)
        if first.clip in lenders:
            looks = _remembered(looks, known.setdefault(first.clip, {}))
        yield _tracked(looks, group)


def _read(
    read: Callable[[Sequence[Clip]], Iterator[Look]],
    group: Sequence[tuple[int, Clip]],
    root: Path,
    journal: Journal,
    apart: bool,
) -> Iterator[Look]:
    """Look at the files of a group that are not guilty: together, or each by itself."""
    guilty = journal.guilty()
    for part in [[one] for one in group] if apart else [group]:
        numbers, clips = zip(*part, strict=True)
        if guilty.isdisjoint(numbers):
            journal.begin(numbers)
            yield from read(clips)
        else:
            yield Look(-1, rejected=[Problem(relative(clips[0].path, root), _FATAL)])


def _remembered(
    looks: Iterator[Look], known: dict[int, tuple[tuple[int, int], list[Face]]]
) -> Iterator[Look]:
    for look in looks:
        if look.found:
            row = look.found[0].row
            known[look.frame] = (row["height"], row["width"]), [one.face for one in look.found]
        yield look


def _tracked(looks: Iterator[Look], group: Group) -> Iterator[tuple[Look, list[int]]]:
    """Each look with the track of each face; every still begins tracks of its own."""
    tracks, number = Tracks(), 0
    for look in looks:
        faces = [found.face for found in look.found]
        if group[0].kind == "video":
            yield look, tracks.link(faces)
        else:
            yield look, list(range(number, number + len(faces)))
            number += len(faces)


def _in_portions(
    looks: Iterator[tuple[Look, list[int]]], keep: Keep
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]], int]]:
    """Rows of faces, rows of what was set aside, and the number of frames, some at a time."""
    rows, reasons, frames = [], [], 0
    for look, numbers in looks:
        rows += [_row(*pair, keep) for pair in zip(look.found, numbers, strict=True)]
        reasons += [asdict(one) for one in look.rejected]
        frames += 1
        if len(rows) + len(reasons) >= _MANY:
            yield rows, reasons, frames
            rows, reasons, frames = [], [], 0
    yield rows, reasons, frames


def _row(found: Found, track: int, keep: Keep) -> dict[str, Any]:
    return {**found.row, "path": keep(found.name, found.picture), "track": track}
