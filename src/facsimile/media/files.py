"""Files and folders that appear whole or not at all."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def _sibling(path: Path) -> Path:
    # The name is short and new, whatever the length of the final one; the suffix tells encoders
    # which format to write.
    return path.with_name(f".partial-{uuid4().hex}{path.suffix}")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the name `path` when the block ends well.

    An exception in the block removes what was written and leaves an older `path` as it was.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "new" / "a.txt"
    >>> with atomic_path(target) as partial:
    ...     _ = partial.write_text("whole")
    ...     target.exists()
    False
    >>> target.read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _sibling(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path` to fill; it replaces `path` when the block ends well.

    An exception in the block removes what was written and leaves an older `path` as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _sibling(path)
    partial.mkdir()
    try:
        yield partial
        _replace_folder(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replace_folder(partial: Path, path: Path) -> None:
    if not path.exists():
        partial.rename(path)
        return
    old = _sibling(path)
    path.rename(old)
    partial.rename(path)
    shutil.rmtree(old)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
