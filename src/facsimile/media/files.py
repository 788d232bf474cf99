"""Files and folders that appear whole or not at all."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import uuid4

from facsimile.errors import UserError

_NOT_CONTENT = {".gitignore", ".DS_Store"}  # DVC leaves the one, macOS the other


@dataclass(frozen=True)
class Made:
    """What a stage puts into its folder, by which an earlier output is told from other folders.

    Args:
        markers: names or patterns; an earlier output has something of at least one.
        beside: names or patterns of all else that may lie there.
    """

    markers: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def check(self, path: Path) -> None:
        """Make sure that `path` may be replaced: absent, empty, or an earlier output.

        Raises:
            UserError: it is a file, or it holds what the stage did not make.
        """
        path = _folder_place(path)
        names = sorted(one.name for one in path.iterdir()) if path.is_dir() else []
        content = [name for name in names if name not in _NOT_CONTENT]
        strange = [name for name in content if not _is_one(name, self.markers + self.beside)]
        if content and (strange or not any(_is_one(name, self.markers) for name in content)):
            raise UserError(
                f"{path} is not replaced: it holds {(strange or content)[0]} and is not what this "
                "command made before. Give a new folder or an empty one"
            )


def _is_one(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _folder_place(path: Path) -> Path:
    """The absolute path of a folder to be, which nothing but a folder of its own may hold."""
    path = path.resolve()
    taken = next(one for one in (path, *path.parents) if one.exists())
    if not taken.is_dir():
        raise UserError(f"{taken} is a file, and the result is a folder: give another name")
    if Path.cwd().is_relative_to(path):
        # Who stands in a folder that is replaced is left standing in a deleted one.
        raise UserError(f"{path} holds the current folder: give a folder below or beside it")
    return path


def _sibling(path: Path) -> Path:
    # The name is short and new, whatever the length of the final one; the suffix tells encoders
    # which format to write.
    return path.with_name(f".partial-{uuid4().hex}{path.suffix}")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the name `path` when the block ends well.

    An exception in the block removes what was written and leaves an older `path` as it was.

    Raises:
        UserError: `path` is a folder, or none can be made to hold it.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "new" / "a.txt"
    >>> with atomic_path(target) as partial:
    ...     _ = partial.write_text("whole")
    ...     target.exists()
    False
    >>> target.read_text()
    'whole'
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder, and the result is a file: give another name")
    _make(path.parent)
    partial = _sibling(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, made: Made | None = None) -> Iterator[Path]:
    """An empty folder beside `path` to fill; it replaces `path` when the block ends well.

    An exception in the block removes what was written and leaves an older `path` as it was.

    Args:
        path: the folder to be.
        made: how an earlier output is known; without it any folder is replaced, so it must be one
            that is nobody's but ours.

    Raises:
        UserError: `path` is a file, or not what `made` describes.
    """
    if made is not None:
        made.check(path)
    path = _folder_place(path)
    _make(path.parent)
    _recover(path)
    partial = _sibling(path)
    partial.mkdir()
    try:
        yield partial
        _replace_folder(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the folder {folder} cannot be made: {error.strerror}") from error


def _replaced(path: Path) -> Path:
    # The name follows from the path, so that the next run finds what a killed one put aside.
    return path.with_name(f".replaced-{hashlib.sha256(path.name.encode()).hexdigest()[:16]}")


def _recover(path: Path) -> None:
    """Bring back, or clear away, the old folder that a run put aside before it was killed."""
    old = _replaced(path)
    if path.exists() and old.exists():
        # Renamed first: a run that is killed while it deletes leaves nothing to be brought back.
        shutil.rmtree(old.rename(_sibling(path)), ignore_errors=True)
    elif old.exists():
        old.rename(path)


def _replace_folder(partial: Path, path: Path) -> None:
    if not path.exists():
        partial.rename(path)
        return
    if (ignored := path / ".gitignore").is_file():
        shutil.copy2(ignored, partial)
    old = _replaced(path)
    try:
        path.rename(old)
        partial.rename(path)
    finally:
        _recover(path)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
