"""Single members of a zip or tar archive by name, without unpacking the others."""

import io
import os
import struct
import tarfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol, runtime_checkable

from facsimile.media.archive import ArchiveError, Writable, copy_bounded

_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, ..., lengths of the name and the extra field


@runtime_checkable
class Access(Protocol):
    """An archive's directory, read once."""

    def files(self) -> Iterable[tuple[str, int]]:
        """Name and claimed bytes of each regular file, in the archive's order; names may repeat."""

    def stored(self, name: str) -> tuple[int, int] | None:
        """Offset and bytes of a member within the archive's file; None where it is compressed."""

    def copy(self, name: str, target: Writable, limit: int) -> None:
        """Write a member's bytes, at most `limit` of them, whatever the archive claims."""


def access(path: Path) -> Access:
    """Read an archive's directory, or take it from memory as long as the file is the same.

    Raises:
        ArchiveError: the file is neither a zip nor a tar archive, or compressed as a whole.
    """
    state = path.stat()
    # A forked process must not share the position in an open file with its parent.
    known = path, state.st_mtime_ns, state.st_size, os.getpid()
    return _zip(*known) or _tar(*known)


@lru_cache(maxsize=8)
def _zip(path: Path, _changed: int, _size: int, _process: int) -> Access | None:
    return ZipAccess(path) if zipfile.is_zipfile(path) else None


# They hold no open file, and pictures of faces may lie in thousands of tars.
@lru_cache(maxsize=16384)
def _tar(path: Path, _changed: int, _size: int, _process: int) -> Access:
    return TarAccess(path)


class Slice(io.RawIOBase):
    """A range of a file as a file of its own."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self.name = path.name
        self._file = path.open("rb", buffering=0)
        self._offset, self._size, self._place = offset, size, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read up to the range's end."""
        self._file.seek(self._offset + self._place)
        count = self._file.readinto(memoryview(buffer)[: max(0, self._size - self._place)]) or 0
        self._place += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place within the range."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        """The place within the range."""
        return self._place

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class ZipAccess:
    """The members of a zip archive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = zipfile.ZipFile(path)
        self._members = {_key(info.filename): info for info in self._regular()}
        self._lock = threading.Lock()

    def files(self) -> Iterable[tuple[str, int]]:
        """Name and claimed bytes of each regular file."""
        return ((_key(info.filename), info.file_size) for info in self._regular())

    def _regular(self) -> Iterator[zipfile.ZipInfo]:
        for info in self._file.infolist():
            is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
            if not (info.is_dir() or is_link):
                yield info

    def _find(self, name: str) -> zipfile.ZipInfo:
        info = self._members.get(name)
        if info is None:
            raise ArchiveError(f"{self.path.name} has no file {name}")
        if info.flag_bits & 0x1:
            raise ArchiveError("it is encrypted: unpack the archive with its password first")
        return info

    def stored(self, name: str) -> tuple[int, int] | None:
        """Offset and bytes of a member; None where it is compressed."""
        info = self._find(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return None
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
            raise ArchiveError(f"{self.path.name} is damaged")
        _, name_size, extra_size = _LOCAL_HEADER.unpack(header)
        return info.header_offset + _LOCAL_HEADER.size + name_size + extra_size, info.file_size

    def copy(self, name: str, target: Writable, limit: int) -> None:
        """Write a member's bytes, checked against its checksum."""
        info = self._find(name)
        with self._lock, self._file.open(info) as stream:
            copy_bounded(stream, target, limit)


class TarAccess:
    """The members of a tar archive, which must not be compressed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with tarfile.open(path, "r:") as tar:
                regular = self._regular(tar)
        except tarfile.ReadError as error:
            raise ArchiveError(self._reason()) from error
        self._files = [(_key(info.name), info.size) for info in regular]
        self._places = {
            _key(info.name): None if info.issparse() else (info.offset_data, info.size)
            for info in regular
        }

    def files(self) -> Iterable[tuple[str, int]]:
        """Name and bytes of each regular file."""
        return self._files

    def _regular(self, tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
        try:
            return [info for info in tar if info.isreg()]
        except tarfile.ReadError as error:
            raise ArchiveError(f"{self.path.name} is cut off or damaged: {error}") from error

    def _reason(self) -> str:
        if not tarfile.is_tarfile(self.path):
            return f"{self.path.name} is not a folder, and no zip or tar archive that can be read"
        return (
            f"{self.path.name} is compressed as a whole, so that every file in it would be sought "
            "from its beginning: unpack it first"
        )

    def stored(self, name: str) -> tuple[int, int]:
        """Offset and bytes of a member."""
        if name not in self._places:
            raise ArchiveError(f"{self.path.name} has no file {name}")
        if (place := self._places[name]) is None:
            raise ArchiveError("it is stored with holes (a sparse file): unpack the archive first")
        return place

    def copy(self, name: str, target: Writable, limit: int) -> None:
        """Write a member's bytes."""
        with Slice(self.path, *self.stored(name)) as stream:
            copy_bounded(stream, target, limit)


def _key(name: str) -> str:
    # As `Path` spells it: `tar cf a.tar .` writes ./x.mp4
    return PurePosixPath(name).as_posix()
