"""A folder of pictures and videos, restored one by one under the same names."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.media.files import atomic_path, sha256

if TYPE_CHECKING:
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.enhance_work import Work

DONE, REJECTED = "enhanced.csv", "rejected.csv"
COLUMNS = ("path", "input_sha256", "key")  # of DONE: of what and by what each file was made


def enhance_folder(work: Work, source: Path, output: Path, progress: EnhanceProgress) -> str:
    """Restore all files below `source` into `output`, and go on where an earlier run stopped.

    What was made of the same file by the same net and settings stays as it is. What cannot be read
    is named in rejected.csv with the reason, and the rest goes on.

    Returns:
        What was done, in words.

    Raises:
        UserError: One folder lies in the other, the output holds what this command did not make,
            the input holds no file, or none of its files could be restored.
    """
    _check(source, output)
    paths = sorted(_files(source))
    if not paths:
        raise UserError(f"{source} holds no file")
    journal, rejected, made = Journal(output / DONE), {}, 0
    for path in progress.watch(paths, str(source), "files", len(paths)):
        try:
            made += _enhance(work, source / path, output / path, journal, path.as_posix(), progress)
        except UserError as error:
            rejected[path.as_posix()] = str(error)
    _write_rejected(output / REJECTED, rejected)
    return _told(output, len(paths), made, rejected)


def _enhance(
    work: Work, source: Path, output: Path, journal: Journal, name: str, progress: EnhanceProgress
) -> bool:
    """Restore one file, if that was not done before; returns whether it had to be."""
    entry = (sha256(source), work.key)
    if journal.rows.get(name) == entry and output.is_file():
        return False
    work.file(source, output, progress)
    journal.add(name, entry)
    return True


def _check(source: Path, output: Path) -> None:
    inner, outer = source.resolve(), output.resolve()
    if outer.is_relative_to(inner) or inner.is_relative_to(outer):
        raise UserError(f"one of {source} and {output} lies in the other: give output= beside it")
    if output.exists() and not output.is_dir():
        raise UserError(f"{output} is a file, and the input a folder: give another name")
    if output.is_dir() and any(output.iterdir()) and not (output / DONE).is_file():
        raise UserError(f"{output} holds what this command did not make: give a new folder")


def _files(source: Path) -> Iterator[Path]:
    """All files, relative to the folder, but for hidden ones."""
    for path in source.rglob("*"):
        relative = path.relative_to(source)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            yield relative


class Journal:
    """Which files are finished, line by line, so that a killed run loses only the last.

    Args:
        path: A csv, which is made where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: dict[str, tuple[str, str]] = {}
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._append(COLUMNS)
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                if len(row) == len(COLUMNS):
                    self.rows[row[0]] = (row[1], row[2])

    def add(self, name: str, entry: tuple[str, str]) -> None:
        """Note that a file is finished."""
        self.rows[name] = entry
        self._append((name, *entry))

    def _append(self, row: tuple[str, ...]) -> None:
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(row)


def _write_rejected(path: Path, rejected: Mapping[str, str]) -> None:
    if not rejected:
        path.unlink(missing_ok=True)
        return
    with atomic_path(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "reason"), *rejected.items()])


def _told(output: Path, total: int, made: int, rejected: Mapping[str, str]) -> str:
    if len(rejected) == total:
        raise UserError(
            f"none of the {total} files could be restored: {next(iter(rejected.values()))}"
        )
    if rejected:
        print(
            f"{len(rejected)} of {total} files are set aside: {output / REJECTED}", file=sys.stderr
        )
    return f"{made} of {total} files restored, {total - made - len(rejected)} were before"
