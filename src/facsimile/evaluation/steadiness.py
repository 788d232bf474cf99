"""How steady a face is from frame to frame, beside the one it was put over."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.faces.align import similarity, warp
from facsimile.faces.flicker import flicker

T = TypeVar("T")
Image = UInt8[np.ndarray, "_ _ 3"]

SIDE = 64  # pixels of the aligned face: fine grain is averaged out, trembling is not


def windows(items: Iterable[T]) -> Iterator[tuple[T | None, T, T | None]]:
    """Each item between its neighbours; None before the first and after the last.

    >>> list(windows("abc"))
    [(None, 'a', 'b'), ('a', 'b', 'c'), ('b', 'c', None)]
    """
    before: T | None = None
    for this, after in pairwise(_ended(items)):
        if this is not None:
            yield before, this, after
        before = this


def _ended(items: Iterable[T]) -> Iterator[T | None]:
    yield from items
    yield None


def flicker_near(pictures: Sequence[Image], landmarks: Float32[np.ndarray, "5 2"]) -> float:
    """Mean second difference over time of three frames in the region of the target's face.

    The region is that of the middle frame in all three, whatever row the pictures are of, so that
    what a detector trembles by is in none of them; even motion cancels in part.

    Args:
        pictures: Three successive frames of one row.
        landmarks: Of the target's face in the middle one, pixels.

    Returns:
        Levels, 0..510.
    """
    matrix = similarity(landmarks, SIDE, 1.0)
    return flicker(np.stack([warp(picture, matrix, SIDE) for picture in pictures]))
