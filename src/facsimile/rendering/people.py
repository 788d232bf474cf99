"""What people look at: H.264 clips and picture grids, signed as synthetic before they appear."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import compress
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from facsimile.media.image import write_image
from facsimile.rendering.preview import grid, spread

Sign = Callable[[Path, Path], None]

_EXAMPLES = 8


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


def write_preview(
    rows: Iterable[Iterable[UInt8[np.ndarray, "_ _ 3"]]], total: int, path: Path
) -> None:
    """Write a grid of a few evenly spaced frames.

    Args:
        rows: Streams of frames of the same length, say the target's and the swapped ones.
        total: Their length.
        path: An image file.
    """
    chosen = set(spread(_EXAMPLES, total))
    keep = [index in chosen for index in range(total)]
    write_image(path, grid([list(compress(row, keep)) for row in rows]))
