"""What lies below a data set's root: the part of it that DVC can afford to look at."""

import errno
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from facsimile.data.problems import Problem
from facsimile.data.tables import read_parquet
from facsimile.data.tree import walk
from facsimile.errors import UserError
from facsimile.media.files import sha256

#: inventory.parquet. `path` is relative to the root, `size` in bytes. A file is told by `modified`,
#: nanoseconds since 1970, or by its `sha256`; the other one is null, both are where it cannot be
#: read. A link that is not followed is told by itself.
INVENTORY = pa.schema(
    [
        ("path", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("sha256", pa.string()),
    ]
)


def take_inventory(root: Path, hashed: bool) -> tuple[list[dict[str, Any]], list[Problem]]:
    """A row for each file below the root, in the order of their paths, and what is wrong there.

    Hidden files are left out. With `hashed`, every file is read: the list is then the same on every
    machine that holds the same bytes. Without, a copy or a touched file counts as another. What
    cannot be read or is no file within the root (a link that leads out of it, for one) has a row
    too, and is a problem.

    Raises:
        UserError: the root itself cannot be listed.
    """
    found = list(walk(root))
    problems = [one for one in found if isinstance(one, Problem)]
    if reason := next((one.reason for one in problems if one.path == "."), ""):
        raise UserError(f"{root} is no data set that can be used: {reason}")
    rows = [_unused(root, one.path, hashed) for one in problems]
    for name in (one for one in found if isinstance(one, str)):
        try:
            rows.append(_row(root / name, name, hashed))
        except OSError as error:
            problems.append(Problem(name, f"it cannot be read: {error.strerror}"))
            rows.append(_unread(name))
    return sorted(rows, key=lambda row: row["path"].split("/")), problems


def stamps(root: Path, inventory: Path | None, hashed: bool = False) -> "Stamps":
    """How the files of a data set are told, by an inventory where there is one.

    `hashed` is whether an inventory would hold their content: they are read where it does not.
    """
    if inventory is None or not inventory.is_file():
        return Stamps(root, {}, 0, hashed)
    table = read_parquet(inventory, INVENTORY.names, "inventory")
    listed = table[table.sha256.notna()]
    known = dict(zip(listed.path, zip(listed["size"], listed.sha256, strict=True), strict=True))
    return Stamps(root, known, inventory.stat().st_mtime_ns, hashed)


class Stamps:
    """Tells whether a file is the same as at another time.

    Args:
        root: Of the data set.
        known: Size and SHA-256 of each path below the root that an inventory lists.
        taken: When the inventory was taken, nanoseconds since 1970; younger files are not in it.
        hashed: Whether what is not known is told by its content, too.
    """

    def __init__(
        self, root: Path, known: Mapping[str, tuple[int, str]], taken: int, hashed: bool = False
    ) -> None:
        self.root, self.known, self.taken, self.hashed = root, known, taken, hashed
        self._read: dict[tuple[Path, int, int], str] = {}

    def of(self, path: Path) -> list[Any] | None:
        """The file's content hash, or else its size and time of change; None if it cannot be read.

        A member of an archive changes with the archive.
        """
        path = next((one for one in (path, *path.parents) if one.is_file()), path)
        try:
            stat = path.stat()
        except OSError:
            return None
        if not os.access(path, os.R_OK):
            return None
        size, content = self.known.get(os.path.relpath(path, self.root), (-1, ""))
        if stat.st_size == size and stat.st_mtime_ns <= self.taken:
            return [content]
        if self.hashed:
            place = (path, stat.st_size, stat.st_mtime_ns)
            self._read[place] = self._read.get(place) or sha256(path)
            return [self._read[place]]
        return [stat.st_size, stat.st_mtime_ns]


def _row(path: Path, name: str, hashed: bool) -> dict[str, Any]:
    stat = path.stat()
    if not path.is_file():  # a pipe, a socket: opening it waits for its writer
        return _unread(name)
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    content = sha256(path) if hashed else None
    modified = None if hashed else stat.st_mtime_ns
    return {"path": name, "size": stat.st_size, "modified": modified, "sha256": content}


def _unused(root: Path, name: str, hashed: bool) -> dict[str, Any]:
    """A link is told by where it leads or by its own time; whatever else is a problem, by nothing.

    A name that is no UTF-8 is written with a mark, by which no file is found.
    """
    path = root / name
    if not path.is_symlink():
        return _unread(name)
    stat = path.lstat()
    target = hashlib.sha256(os.fsencode(path.readlink())).hexdigest() if hashed else None
    modified = None if hashed else stat.st_mtime_ns
    return {"path": name, "size": stat.st_size, "modified": modified, "sha256": target}


def _unread(name: str) -> dict[str, Any]:
    return {"path": name, "size": 0, "modified": None, "sha256": None}
