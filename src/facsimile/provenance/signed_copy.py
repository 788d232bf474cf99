"""A file that appears under its name only once it is signed."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Sign = Callable[[Path, Path], None]


@contextmanager
def signed_copy(path: Path, sign: Sign) -> Iterator[Path]:
    """Give a place for an unsigned file; only its signed copy takes the name `path`.

    Args:
        path: What people get.
        sign: Called with the unsigned file and `path` when the block ends well.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unsigned-", dir=path.parent) as folder:
        unsigned = Path(folder) / path.name
        yield unsigned
        sign(unsigned, path)
