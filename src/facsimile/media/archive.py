"""Members of a tar or zip archive (a wheel is a zip), without trusting what the archive says."""

import fnmatch
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol, runtime_checkable

from facsimile.errors import UserError

Opener = Callable[[], IO[bytes]]
CHUNK = 1 << 20
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
MEMBER_LIMIT = 1 << 31  # bytes one member may unpack to: a guard against archive bombs
TOTAL_LIMIT = 1 << 38  # bytes all of them may: more than any part that a data set comes in


class ArchiveError(UserError):
    """An archive cannot be read, lacks a member, or holds one that is not safe to unpack."""


def member_names(path: Path) -> list[str]:
    """Return the names of the regular files in an archive, in its own order.

    Raises:
        ArchiveError: the file is missing, or neither tar nor zip, or damaged.
    """
    with _reading(path) as members:
        return [name for name, _ in members]


def matching(path: Path, pattern: str) -> list[str]:
    """Return the sorted member names that match a shell pattern (`*` also crosses folders)."""
    return sorted(name for name in member_names(path) if fnmatch.fnmatchcase(name, pattern))


def safe_name(name: str) -> PurePosixPath:
    r"""Return a member's name as a relative path, or refuse it.

    Raises:
        ArchiveError: the name is absolute, climbs with `..`, or has a drive or a backslash.

    >>> safe_name("a/b.txt")
    PurePosixPath('a/b.txt')
    >>> safe_name("../b.txt")
    Traceback (most recent call last):
    facsimile.media.archive.ArchiveError: '../b.txt' would be unpacked outside its folder
    """
    path = PurePosixPath(name)
    odd = "\\" in name or ":" in name or "\0" in name
    if odd or path.is_absolute() or ".." in path.parts or not path.parts:
        raise ArchiveError(f"{name!r} would be unpacked outside its folder")
    return path


def extract_members(
    path: Path, targets: dict[str, Path], limit: int = MEMBER_LIMIT, total: int = TOTAL_LIMIT
) -> None:
    """Unpack the named members to the given files in one pass; folders are made.

    A link, a device or a folder is never unpacked. The bytes written are counted, whatever size
    the archive claims.

    Raises:
        ArchiveError: a member is missing or larger than `limit` bytes, all of them have more than
            `total`, or the archive is damaged.
    """
    missing = set(targets)
    with _reading(path) as members:
        for name, opener in members:
            if name in missing:
                missing.remove(name)
                room = min(limit, total)
                total -= _unpack(opener, targets[name], room, f"{path}: {name}")
    if missing:
        raise ArchiveError(f"{path} has no file {sorted(missing)[0]}")


def extract_all(
    path: Path, folder: Path, limit: int = MEMBER_LIMIT, total: int = TOTAL_LIMIT
) -> list[Path]:
    """Unpack every regular file of an archive below a folder.

    Raises:
        ArchiveError: a name would leave the folder, all files together have more than `total`
            bytes, or any reason `extract_members` gives.
    """
    targets = {name: folder / safe_name(name) for name in member_names(path)}
    extract_members(path, targets, limit, total)
    return list(targets.values())


@runtime_checkable
class Readable(Protocol):
    """A file object, or what reads like one."""

    def read(self, size: int, /) -> bytes | None:
        """At most `size` bytes, none at the end."""


@runtime_checkable
class Writable(Protocol):
    """A file object, or what is written like one."""

    def write(self, data: bytes, /) -> Any:
        """Append."""


def copy_bounded(stream: Readable, target: Writable, limit: int) -> int:
    """Copy a stream to its end and return its bytes; ArchiveError beyond `limit` of them."""
    written = 0
    while chunk := stream.read(CHUNK):
        written += len(chunk)
        if written > limit:
            raise ArchiveError(f"it unpacks to more than {limit} bytes")
        target.write(chunk)
    return written


def _unpack(opener: Opener, target: Path, limit: int, what: str) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with opener() as stream, target.open("wb") as file:
            return copy_bounded(stream, file, limit)
    except ArchiveError as error:
        raise ArchiveError(f"{what}: {error}") from error


@contextmanager
def _reading(path: Path) -> Iterator[Iterator[tuple[str, Opener]]]:
    if not path.is_file():
        raise ArchiveError(f"no archive at {path}")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield _zip_members(archive)
        else:
            with tarfile.open(path) as tar:
                yield _tar_members(tar)
    except DAMAGE as error:
        raise ArchiveError(f"{path} cannot be unpacked: {error}") from error


def _zip_members(archive: zipfile.ZipFile) -> Iterator[tuple[str, Opener]]:
    for info in archive.infolist():
        link = (info.external_attr >> 16) & 0o170000 == 0o120000
        if not info.is_dir() and not link:
            yield info.filename, lambda info=info: archive.open(info)  # type: ignore[misc]


def _tar_members(tar: tarfile.TarFile) -> Iterator[tuple[str, Opener]]:
    for info in tar:
        if info.isreg():
            yield info.name, lambda info=info: tar.extractfile(info)  # type: ignore[misc]
