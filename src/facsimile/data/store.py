"""Where the pictures of faces lie: loose files for thousands, a tar a batch for millions."""

import io
import tarfile
from pathlib import Path
from types import TracebackType
from typing import Protocol, runtime_checkable

from facsimile.media.files import atomic_path


@runtime_checkable
class Store(Protocol):
    """Takes pictures, and says by which path they are found again."""

    def __enter__(self) -> "Store":
        """Begin to write."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; what was written counts only where no error ended it."""
        ...

    def add(self, name: str, picture: bytes) -> str:
        """Keep an encoded picture; returns its path, as `faces.parquet` gives it."""
        ...


class Loose:
    """One file a picture, `images/<name>` below a folder.

    Each file is written once and in one go; the folder as a whole is what appears atomically.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: set[Path] = set()

    def __enter__(self) -> "Loose":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def add(self, name: str, picture: bytes) -> str:
        """Write the file."""
        path = f"images/{name}"
        target = self.folder / path
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        target.write_bytes(picture)
        return path


class Shard:
    """One uncompressed tar a batch, `shards/<batch>.tar`; a picture is `shards/<batch>.tar/<name>`.

    Millions of small files are slow to list, to copy and for DVC to hash; a tar is one file, any
    tool reads it, its members can be read in place, and WebDataset streams it as it is. The same
    pictures give the same bytes: members carry no time and no owner. No picture, no tar.
    """

    def __init__(self, folder: Path, batch: str) -> None:
        self.path = f"shards/{batch}.tar"
        self._file = atomic_path(folder / self.path)

    def __enter__(self) -> "Shard":
        self._tar: tarfile.TarFile | None = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._tar is not None:
            self._tar.close()
            self._file.__exit__(kind, error, trace)

    def add(self, name: str, picture: bytes) -> str:
        """Append the picture as a member."""
        if self._tar is None:
            self._tar = tarfile.TarFile(self._file.__enter__(), "w", format=tarfile.GNU_FORMAT)
        member = tarfile.TarInfo(name)
        member.size = len(picture)
        self._tar.addfile(member, io.BytesIO(picture))
        return f"{self.path}/{name}"
