"""A media file as it lies on the disk or in an archive: `photos.zip/a/b.jpg`, `clips.tar/x.mp4`."""

import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from facsimile.errors import UserError
from facsimile.media.archive import DAMAGE, MEMBER_LIMIT, ArchiveError
from facsimile.media.random_access import Slice, access

READ_LIMIT = 1 << 30  # bytes of one file that are read into memory


@dataclass(frozen=True)
class Member:
    """A file within an archive."""

    archive: Path
    name: str


def locate(path: Path) -> Member | None:
    """The archive and member that a path leads into; None for a plain path, there or not."""
    if os.path.lexists(path):
        return None
    archive = next((parent for parent in path.parents if parent.is_file()), None)
    if archive is None:
        return None
    return Member(archive, path.relative_to(archive).as_posix())


def archive_files(path: Path) -> list[tuple[str, int]]:
    """Name and claimed bytes of each regular file in a zip or tar archive, in its own order.

    Raises:
        UserError: it is damaged, no such archive, or compressed as a whole.
    """
    with _told(path):
        return list(access(path).files())


def read_media(path: Path, limit: int = READ_LIMIT) -> bytes:
    """The bytes of a file or of an archive's member.

    Raises:
        UserError: there is none, it is no regular file, it is damaged or larger than `limit`.
    """
    with _told(path):
        if (member := locate(path)) is not None:
            target = BytesIO()
            access(member.archive).copy(member.name, target, limit)
            return target.getvalue()
        _check_regular(path, limit)
        return path.read_bytes()


@contextmanager
def open_media(path: Path, limit: int = MEMBER_LIMIT) -> Iterator[str | Slice]:
    """A file as PyAV takes it: a plain path as its URL, an archive's member as a file object.

    A member that is stored uncompressed is read in place; any other is unpacked into a temporary
    file of at most `limit` bytes, which is gone when the block ends.

    Raises:
        UserError: there is none, it is no regular file, it is damaged or larger than `limit`.
    """
    if (member := locate(path)) is None:
        with _told(path):
            _check_regular(path)
        # "file:", so that a name with a colon opens nothing else.
        yield f"file:{path}"
        return
    with _told(path):
        directory = access(member.archive)
        place = directory.stored(member.name)
    if place is not None:
        with Slice(member.archive, *place) as stream:
            yield stream
        return
    with tempfile.NamedTemporaryFile(suffix=path.suffix) as file:
        with _told(path):
            directory.copy(member.name, file, limit)
            file.flush()
        yield f"file:{file.name}"


def _check_regular(path: Path, limit: int | None = None) -> None:
    size = path.stat().st_size
    # Opening a pipe waits for its writer, and a device never ends.
    if not path.is_file():
        raise ArchiveError("it is a folder" if path.is_dir() else "it is not a regular file")
    if not size:
        raise ArchiveError("it is empty")
    if limit is not None and size > limit:
        raise ArchiveError(f"it has more than {limit} bytes")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Every failure as an ArchiveError that names the file as it was asked for."""
    try:
        yield
    except UserError as error:
        raise ArchiveError(f"cannot read {path}: {error}") from error
    except (*DAMAGE, ValueError, MemoryError, struct.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        where = "" if (member := locate(path)) is None else f"{member.archive.name} is damaged: "
        raise ArchiveError(f"cannot read {path}: {where}{reason}") from error
