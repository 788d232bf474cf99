"""What people look at: clips and picture grids, signed as synthetic before they appear."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from facsimile.media.codecs import Codec
from facsimile.media.image import write_image
from facsimile.provenance.signed_copy import Sign, signed_copy
from facsimile.rendering.label import Label
from facsimile.rendering.preview import grid, spread
from facsimile.rendering.segment import Segment

Image = UInt8[np.ndarray, "_ _ 3"]

_EXAMPLES = 8


@dataclass(frozen=True)
class Publication:
    """How what people look at is written.

    Args:
        sign: Writes a signed copy of a finished file.
        codec: Of clips, as in `VideoWriter`.
        crf: Their quality, likewise.
        label: Words in a corner of every synthetic frame; None for none.
    """

    sign: Sign
    codec: Codec = "h264"
    crf: int = 18
    label: Label | None = None

    @contextmanager
    def clip(
        self, path: Path, segment: Segment, columns: int = 1
    ) -> Iterator[Callable[[Image], None]]:
        """Give what appends a frame to a clip of this segment, which is there once it is signed.

        Args:
            path: An mp4.
            segment: Whose sound, rate and colours it gets.
            columns: How many frames stand beside each other, a synthetic one last.
        """
        with (
            signed_copy(path, self.sign) as unsigned,
            segment.viewable(unsigned, self.codec, self.crf, columns) as writer,
        ):
            yield lambda frame: writer.write(self.labelled(frame))

    def preview(
        self, path: Path, targets: Iterable[Image], results: Iterable[Image], total: int
    ) -> None:
        """Write a few evenly spaced frames of the target above those of the result.

        Args:
            path: A png.
            targets: All of the target's frames.
            results: All of the result's.
            total: How many there are.
        """
        with signed_copy(path, self.sign) as unsigned:
            write_preview([targets, results], total, unsigned)

    def labelled(self, frame: Image) -> Image:
        """A frame with the words in it, if there are any."""
        return frame if self.label is None else self.label(frame)


def write_preview(rows: Iterable[Iterable[Image]], total: int, path: Path) -> None:
    """Write a grid of a few evenly spaced frames.

    Args:
        rows: Streams of frames of the same length, say the target's and the swapped ones.
        total: Their length.
        path: An image file.
    """
    chosen = set(spread(_EXAMPLES, total))
    keep = [index in chosen for index in range(total)]
    write_image(path, grid([list(compress(row, keep)) for row in rows]))
