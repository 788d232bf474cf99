"""What lies below a data set's root: the part of it that DVC can afford to look at."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from facsimile.data.tables import read_parquet
from facsimile.media.files import sha256

#: inventory.parquet. `path` is relative to the root, `size` in bytes. A file is told by `modified`,
#: nanoseconds since 1970, or by its `sha256`; the other one is null.
INVENTORY = pa.schema(
    [
        ("path", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("sha256", pa.string()),
    ]
)


def take_inventory(root: Path, hashed: bool) -> list[dict[str, Any]]:
    """A row for each file below the root, in the order of their paths; hidden ones are left out.

    With `hashed`, every file is read: the list is then the same on every machine that holds the
    same bytes. Without, a copy or a touched file counts as another.
    """
    return [_row(root, path, hashed) for path in sorted(_files(root))]


def stamps(root: Path, inventory: Path | None) -> "Stamps":
    """How the files of a data set are told, by an inventory where there is one."""
    if inventory is None or not inventory.is_file():
        return Stamps(root, {}, 0)
    table = read_parquet(inventory, INVENTORY.names, "inventory")
    hashed = table[table.sha256.notna()]
    known = dict(zip(hashed.path, zip(hashed["size"], hashed.sha256, strict=True), strict=True))
    return Stamps(root, known, inventory.stat().st_mtime_ns)


class Stamps:
    """Tells whether a file is the same as at another time.

    Args:
        root: Of the data set.
        known: Size and SHA-256 of each path below the root that an inventory lists.
        taken: When the inventory was taken, nanoseconds since 1970; younger files are not in it.
    """

    def __init__(self, root: Path, known: Mapping[str, tuple[int, str]], taken: int) -> None:
        self.root, self.known, self.taken = root, known, taken

    def of(self, path: Path) -> list[Any] | None:
        """The file's content hash, or else its size and time of change; None where it is not.

        A member of an archive changes with the archive.
        """
        path = next((one for one in (path, *path.parents) if one.is_file()), path)
        try:
            stat = path.stat()
        except OSError:
            return None
        size, content = self.known.get(os.path.relpath(path, self.root), (-1, ""))
        if stat.st_size == size and stat.st_mtime_ns <= self.taken:
            return [content]
        return [stat.st_size, stat.st_mtime_ns]


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _row(root: Path, path: Path, hashed: bool) -> dict[str, Any]:
    stat = path.stat() if path.exists() else path.lstat()  # a link may lead nowhere
    return {
        "path": path.relative_to(root).as_posix(),
        "size": stat.st_size,
        "modified": None if hashed else stat.st_mtime_ns,
        "sha256": sha256(path) if hashed and path.is_file() else None,
    }
