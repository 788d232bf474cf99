"""One picture, restored with all that its file says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from facsimile.inference.enhance import Enhancer
    from facsimile.pipelines.enhance_progress import EnhanceProgress
    from facsimile.pipelines.enhance_work import Work


def enhance_picture(work: Work, source: Path, output: Path, progress: EnhanceProgress) -> str:
    """Write the signed result; returns what was done, in words.

    Raises:
        UserError: It cannot be read or, in the format of the output's name, written.
    """
    from facsimile.media.still import read_still
    from facsimile.media.still_writing import check_still, write_still
    from facsimile.provenance.signed_copy import signed_copy

    still = read_still(source)
    check_still(output, still)  # before the net has done all its work
    if work.faces:
        found = work.faces(_upright(still.pixels, still.tags.orientation))
        if not found:
            raise UserError(f"{source} shows no face that could be restored")
        told, pixels = f"{found} face{'' if found == 1 else 's'}", still.pixels
    else:
        pixels = _restored(work.enhancer, still.pixels, source.name, progress)
        told = f"{pixels.shape[1]} x {pixels.shape[0]} pixels"
    with signed_copy(output, work.sign(source)) as unsigned:
        write_still(unsigned, replace(still, pixels=pixels), work.quality)
    return told


def _restored(
    enhancer: Enhancer, pixels: np.ndarray, label: str, progress: EnhanceProgress
) -> np.ndarray:
    """The picture's own memory with the restored pixels in it, or a larger picture."""
    import numpy as np

    scale = enhancer.scale
    height, width, channels = pixels.shape
    result = pixels
    if scale != 1:
        result = np.empty((scale * height, scale * width, channels), pixels.dtype)
    bands = enhancer.bands(pixels)
    for rows, band in progress.watch(
        bands, label, "rows", height, lambda one: len(one[1]) // scale
    ):
        result[scale * rows.start : scale * rows.stop] = band
    return result


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """A view of a picture as EXIF says that it is to be seen.

    >>> import numpy as np
    >>> _upright(np.array([[[1]], [[2]]]), 6).ravel().tolist()  # to be turned clockwise
    [2, 1]
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    mirrored = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
    down, across = mirrored.get(orientation, (1, 1))
    return pixels[::down, ::across]
