"""Pictures and videos that people send: bounded, looked into, and kept below the raw data."""

import re
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.media.archive import Readable, copy_bounded
from facsimile.media.image import read_image
from facsimile.media.sniff import HEAD, content, image_format, video_format
from facsimile.media.video import probe
from facsimile.studio.errors import RefusedError, TooLargeError, UnsupportedError
from facsimile.studio.schema import Uploaded
from facsimile.studio.settings import Limits
from facsimile.studio.sources import Sources

#: What is taken, by what the bytes say; the suffix follows from that.
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WebP": ".webp", "TIFF": ".tiff", "MP4 or MOV": ".mp4"}
_PATIENCE = 10.0  # seconds, for a video that is looked into
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class Uploads:
    """Takes files into a data set's own folder, and pictures to look at."""

    def __init__(self, sources: Sources, limits: Limits) -> None:
        self._sources, self._limits = sources, limits

    def picture(self, stream: Readable) -> np.ndarray:
        """A picture that was sent, RGB; it is not kept.

        Raises:
            UnsupportedError: It is no JPEG, PNG, WebP or TIFF.
            TooLargeError: It has too many bytes.
            UserError: It is damaged, or has too many pixels.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture"
            self._write(stream, path)
            if _kind(path) not in (".jpg", ".png", ".webp", ".tiff"):
                raise UnsupportedError(_other(path))
            return _read(path, "the picture", self._limits.pixels)

    def keep(self, said: DataSetDescription, files: Iterable[tuple[str, Readable]]) -> Uploaded:
        """Add files to a data set, each that can be used; the bytes stay as they were.

        Raises:
            RefusedError: Its root is not its own folder below the raw data.
        """
        folder = self._sources.own(said.name)
        if self._sources.place(said) != folder:
            raise RefusedError(
                f"{said.name} is kept elsewhere: files are sent only to {folder}", [("root", "")]
            )
        kept: list[str] = []
        refused: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name, stream in files:
            try:
                kept.append(self._keep(folder, name, stream))
            except UserError as error:
                refused[name] = str(error)
        return Uploaded(kept=kept, refused=refused)

    def _keep(self, folder: Path, name: str, stream: Readable) -> str:
        with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as scratch:
            path = Path(scratch) / "file"
            self._write(stream, path)
            suffix = _kind(path)
            if suffix is None:
                raise UnsupportedError(_other(path))
            if suffix == ".mp4":
                _look_into(path)
            else:
                _read(path, "it", self._limits.pixels)
            target = _unused(folder, stem(name), suffix)
            path.replace(target)
        return target.name

    def _write(self, stream: Readable, path: Path) -> None:
        with path.open("wb") as file:
            try:
                copy_bounded(stream, file, self._limits.upload)
            except UserError as error:
                raise TooLargeError(f"it has more than {self._limits.upload} bytes") from error
        if not path.stat().st_size:
            raise UnsupportedError("it is empty")


def stem(name: str) -> str:
    r"""A name for a file, of whatever somebody's machine called it.

    >>> stem("../../etc/passwd.png"), stem("C:\\me\\Mäx 1.JPG"), stem("...")
    ('passwd', 'Max-1', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    return _ODD.sub("-", PurePosixPath(plain).stem).strip(".-_")[:80] or "file"


def _kind(path: Path) -> str | None:
    """The suffix of what a file holds, None for what is not taken."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return SUFFIXES.get(image_format(head) or video_format(head) or "")


def _other(path: Path) -> str:
    with path.open("rb") as file:
        what = content(file.read(HEAD)) or "of an unknown kind"
    return f"it is {what}: JPEG, PNG, WebP, TIFF and, for a data set, MP4 are taken"


def _read(path: Path, called: str, pixels: int) -> np.ndarray:
    try:
        return read_image(path, pixels)
    except UserError as error:
        raise RefusedError(str(error).replace(str(path), called)) from error


def _look_into(path: Path) -> None:
    try:
        probe(path, _PATIENCE)
    except UserError as error:
        raise RefusedError(str(error).replace(str(path), "it")) from error


def _unused(folder: Path, name: str, suffix: str) -> Path:
    number, path = 1, folder / f"{name}{suffix}"
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}{suffix}"
    return path
