"""Faces that somebody has looked at: a table that says of each whether to keep or drop it."""

import csv
from collections.abc import Collection
from pathlib import Path

from facsimile.errors import UserError

COLUMNS = ["path", "decision"]
_WORDS = ("keep", "drop")


def read_decisions(file: Path, known: Collection[str]) -> dict[str, str]:
    """`keep` or `drop` for each path of a CSV with the columns path and decision.

    Args:
        file: UTF-8, a comma between the columns.
        known: The paths that there are, as in faces.parquet.

    Raises:
        UserError: the file cannot be read; or, naming the line, a path is unknown or stands there
            twice, or the decision is another word.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            lines = [(reader.line_num, line) for line in reader if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"cannot read the decisions in {file}: {error}") from error
    header = [name.strip() for name in lines[0][1]] if lines else []
    if header != COLUMNS:
        raise UserError(f"{file}, line 1: give {','.join(COLUMNS)}, not {','.join(header)}")
    decisions: dict[str, str] = {}
    for number, line in lines[1:]:
        where = f"{file}, line {number}"
        path, word = _checked(line, where)
        if path not in known:
            raise UserError(f"{where}: no face is {path} in faces.parquet")
        if path in decisions:
            raise UserError(f"{where}: {path} stands there twice")
        decisions[path] = word
    return decisions


def copy_decisions(file: Path | None, target: Path) -> None:
    """Write a CSV of decisions as it is, by whose bytes a change of it is told.

    Args:
        file: The CSV; None gives one without a decision.
        target: The copy.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        content = f"{','.join(COLUMNS)}\n".encode() if file is None else file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read the decisions in {file}: {error.strerror}") from error
    target.write_bytes(content)


def _checked(line: list[str], where: str) -> tuple[str, str]:
    path, *rest = (part.strip() for part in line)
    if len(rest) != 1 or rest[0].lower() not in _WORDS:
        raise UserError(f"{where}: {','.join(line)}: give the path, a comma, and keep or drop")
    return path, rest[0].lower()
