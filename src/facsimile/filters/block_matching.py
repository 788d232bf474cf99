"""Finding, for blocks of an image, the blocks that look like them."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True)
class Search:
    """Where and how blocks are looked for.

    Attributes:
        block: Side of a block, pixels.
        reach: Farthest offset in rows and in columns, pixels.
        most: Blocks in a group at most, the reference included; a power of 2.
        threshold: Largest mean squared difference of a pixel, squared levels.
    """

    block: int
    reach: int
    most: int
    threshold: float


def match_blocks(
    guide: Float[np.ndarray, "h w"],
    rows: Int[np.ndarray, " r"],
    columns: Int[np.ndarray, " c"],
    search: Search,
) -> tuple[Int[np.ndarray, "n m 2"], Int[np.ndarray, " n"]]:
    """Find the blocks nearest to those at every one of `rows` and `columns`.

    Places are those of a block's first pixel; `rows` ascend. Returns the places of the `most`
    nearest of each reference, itself first, and how many of them count: a power of 2.

    >>> search = Search(block=2, reach=1, most=2, threshold=1.0)
    >>> places, count = match_blocks(np.zeros((3, 3)), np.array([1]), np.array([1]), search)
    >>> places[0, 0].tolist(), count.tolist()
    ([1, 1], [2])
    """
    distances, offsets = _distances(guide, rows, columns, search)
    most = min(search.most, len(offsets))
    nearest = np.argpartition(distances, most - 1, axis=1)[:, :most]
    order = np.argsort(np.take_along_axis(distances, nearest, axis=1), axis=1, kind="stable")
    nearest = np.take_along_axis(nearest, order, axis=1)
    found = np.take_along_axis(distances, nearest, axis=1) <= search.threshold
    references = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    count = 2 ** np.log2(found.sum(axis=1)).astype(np.int64)
    return references + offsets[nearest], count


def _distances(
    guide: Float[np.ndarray, "h w"],
    rows: Int[np.ndarray, " r"],
    columns: Int[np.ndarray, " c"],
    search: Search,
) -> tuple[Float[np.ndarray, "n o"], Int[np.ndarray, "o 2"]]:
    """Mean squared differences of every reference to the block at every offset."""
    block, reach, (height, width) = search.block, search.reach, guide.shape
    first, last = int(rows[0]), int(rows[-1]) + block
    slab = guide[first:last]
    padded = np.pad(guide, reach)[first : last + 2 * reach]
    steps = np.arange(-reach, reach + 1)
    distances = np.empty((len(steps) ** 2, len(rows), len(columns)), np.float32)
    offsets = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = np.ix_(rows - first, columns)
    for place, (down, right) in zip(distances, offsets + reach, strict=True):
        difference = slab - padded[down : down + len(slab), right : right + width]
        means = cv2.boxFilter(difference * difference, -1, (block, block), anchor=(0, 0))
        place[...] = means[grid]
    below, beside = rows + offsets[:, :1], columns + offsets[:, 1:]
    distances[(below < 0) | (below > height - block)] = np.inf
    outside = (beside < 0) | (beside > width - block)
    distances.transpose(0, 2, 1)[outside] = np.inf
    distances[len(offsets) // 2] = -1  # the reference comes first, whatever is equal to it
    return distances.reshape(len(offsets), -1).T, offsets
