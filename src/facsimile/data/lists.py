"""The lists that data sets carry (JSON, CSV), read without trusting them."""

import csv
import json
from collections import Counter
from collections.abc import Collection, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from facsimile.errors import UserError
from facsimile.media.members import read_media

LIST_LIMIT = 1 << 30  # bytes: OpenForensics' longest has some hundred million


class ListError(UserError):
    """A list cannot be read; the message is the reason alone, without its path."""


def read_json(path: Path, drop: Collection[str] = ()) -> tuple[Any, list[str]]:
    """What a JSON file holds, and the keys that stand twice in one object (the last one counts).

    Args:
        path: The file; it may lie in an archive.
        drop: Keys that are left out of every object as it is read, so that they take no memory.

    Raises:
        ListError: the file cannot be read, or is no JSON.
    """
    repeated: list[str] = []

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = {key: value for key, value in pairs if key not in drop}
        if len(kept) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.extend(key for key, times in counts.items() if times > 1)
        return kept

    try:
        return json.loads(_read(path), object_pairs_hook=whole), repeated
    except (ValueError, RecursionError) as error:
        raise ListError(f"it is no JSON: {error}") from error


def read_csv(path: Path, columns: Collection[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers; what a short row lacks is empty.

    Raises:
        ListError: the file cannot be read, is not UTF-8, or lacks a column.
    """
    content = _read(path)
    try:
        text = StringIO(content.decode("utf-8-sig"), newline="")
        rows = csv.DictReader(text, restval="", skipinitialspace=True)
        if missing := [name for name in columns if name not in (rows.fieldnames or ())]:
            raise ListError(f"it lacks the column {', '.join(missing)}")
        for row in rows:
            # beyond the last column stands a list, under no name
            yield rows.line_num, {key: row[key].strip() for key in row if key is not None}
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListError(f"it is no CSV in UTF-8: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return read_media(path, LIST_LIMIT)
    except UserError as error:
        reason = str(error).removeprefix(f"cannot read {path}: ")
        raise ListError(f"it cannot be read: {reason}") from error
