"""Where the labels of any folder come from: a pattern of its paths, or a table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from facsimile.data.listing import label_of, official_split
from facsimile.data.lists import read_csv
from facsimile.data.problems import Problem
from facsimile.errors import UserError

FIELDS = ("label", "subject", "split", "origin", "name")


@dataclass(frozen=True)
class Said:
    """What is said of a file; empty where nothing is."""

    label: int = 0
    subject: str = ""
    split: str = ""
    origin: str = ""


class PathPattern:
    """Labels out of paths, as `{label}/{subject}/{name}`.

    A field is a part of a path between slashes or other characters of the pattern; `*` is any such
    part, `**` any number of folders. Letters count in any case; the suffix is no part of it.

    Args:
        pattern: Of the whole path below the root; fields are those of `FIELDS`.

    Raises:
        UserError: a field is unknown or there twice.

    >>> PathPattern("{label}/{subject}/{name}").of("FAKE/anna/1.png")
    Said(label=1, subject='anna', split='', origin='')
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        parts = re.split(r"(\{\w*\}|\*\*/|\*)", pattern)
        fields = [part[1:-1] for part in parts if part.startswith("{")]
        wrong = [one for one in fields if one not in FIELDS or fields.count(one) > 1]
        if wrong:
            known = ", ".join(f"{{{one}}}" for one in FIELDS)
            raise UserError(f"pattern={pattern}: give each of {known} once at most")
        self._regex = re.compile("".join(map(_regex, parts)), re.IGNORECASE)

    def of(self, file: str) -> Said | str:
        """What the path says."""
        match = self._regex.fullmatch(file[: -len(PurePosixPath(file).suffix) or None])
        if match is None:
            return f"its path does not match the pattern {self.pattern}"
        return _said(match.groupdict())

    def problems(self) -> Iterator[Problem]:
        """None: each file has its own."""
        return iter(())


class Table:
    """Labels out of a CSV with the columns path and label, and subject, split and origin at will.

    Paths are relative to the folder's root.

    Args:
        path: The file, in UTF-8.

    Raises:
        ListError: it cannot be read or lacks a column.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._rows: dict[str, tuple[int, Said | str]] = {}
        self._asked: set[str] = set()
        self._twice: list[Problem] = []
        for line, row in read_csv(path, ["path", "label"]):
            file = str(PurePosixPath(row["path"]))
            if file in self._rows:
                self._twice.append(Problem(f"{self.name}#{line}", f"{file} is in it already"))
            else:
                self._rows[file] = line, _said(row)

    def of(self, file: str) -> Said | str:
        """What the file's row says."""
        self._asked.add(file)
        return self._rows.get(file, (0, f"{self.name} does not list it"))[1]

    def problems(self) -> Iterator[Problem]:
        """Rows that repeat a path, or name no file that was asked for."""
        yield from self._twice
        for file in self._rows:
            if file not in self._asked:
                yield Problem(file, f"{self.name} lists it, but it is no video or image there")


def _said(fields: dict[str, str]) -> Said | str:
    words = {key: (fields.get(key) or "").strip() for key in FIELDS}
    label, split = label_of(words["label"]), official_split(words["split"])
    if "label" in fields and label is None:
        return f"its label is {words['label']!r}: give real, fake, 0 or 1"
    if words["split"] and not split:
        return f"its split is {words['split']!r}: give train, val or test"
    return Said(label or 0, words["subject"], split, words["origin"])


def _regex(part: str) -> str:
    if part.startswith("{"):
        return f"(?P<{part[1:-1]}>[^/]+?)"
    return {"**/": "(?:[^/]+/)*", "*": "[^/]*"}.get(part, re.escape(part))
