"""Near-duplicates among the faces of a clip, told by small grey pictures of them."""

from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Int, UInt8, UInt16
from scipy.spatial.distance import cdist

THUMBNAIL = 16  # pixels a side: noise and compression average out, expressions remain
_BLOCKS = 4  # a side
_BATCH = 64  # faces that are compared at once, first with as many of those kept
_TILE = 4096  # then with twice as many, up to these: 1 MB of differences


def thumbnail(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "t t"]:
    """Return the image as a small grey square, by which near-duplicates are told."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA))


def distinct(
    thumbnails: UInt8[np.ndarray, "n t t"],
    min_difference: float,
    always: Bool[np.ndarray, " n"] | None = None,
) -> Bool[np.ndarray, " n"]:
    """Return which of a clip's faces, in order, differ from every one kept before.

    Those that `always` marks are kept whatever they look like.

    >>> black = np.zeros((THUMBNAIL, THUMBNAIL), np.uint8)
    >>> distinct(np.stack([black, black + 1, black + 9, black]), 4.0)
    array([ True, False,  True, False])
    """
    flat = thumbnails.reshape(len(thumbnails), thumbnails.shape[1] ** 2)
    wanted = np.zeros(len(flat), dtype=bool) if always is None else always
    # the limit is a float32, as a mean difference is; sums of differences are exact
    least = float(np.float32(min_difference)) * flat.shape[1]
    chosen = np.zeros(len(flat), dtype=bool)
    kept = _Kept(thumbnails, least)
    for start in range(0, len(flat), _BATCH):
        places = np.arange(start, min(start + _BATCH, len(flat)))
        new = places[wanted[places] | ~kept.near(places)]
        new = new[_apart(flat[new], least, wanted[new])]
        chosen[new] = True
        kept.add(new)
    return chosen


class _Kept:
    """The faces of a clip that were kept, by their places.

    The differences between sums over blocks of pixels are at most those between the pixels, so
    that most faces are told apart by their few blocks.
    """

    def __init__(self, thumbnails: UInt8[np.ndarray, "n t t"], least: float) -> None:
        self.least, self.count = least, 0
        self.flat = thumbnails.reshape(len(thumbnails), thumbnails.shape[1] ** 2)
        side = thumbnails.shape[1] // _BLOCKS
        cut = thumbnails.reshape(len(thumbnails), _BLOCKS, side, _BLOCKS, side)
        sums = cut.sum(axis=(2, 4), dtype=np.int16)
        self.blocks = sums.reshape(len(sums), _BLOCKS**2).T.copy()
        self.places = np.empty(len(thumbnails), np.int64)
        self.kept_blocks = np.empty_like(self.blocks)

    def add(self, places: Int[np.ndarray, " b"]) -> None:
        stop = self.count + len(places)
        self.places[self.count : stop] = places
        self.kept_blocks[:, self.count : stop] = self.blocks[:, places]
        self.count = stop

    def near(self, places: Int[np.ndarray, " b"]) -> Bool[np.ndarray, " b"]:
        """Which are like a kept one; the last ones are asked first, being the likeliest."""
        near = np.zeros(len(places), dtype=bool)
        stop, size = self.count, _BATCH
        while stop and not near.all():
            tile = slice(max(0, stop - size), stop)
            left = np.flatnonzero(~near)
            maybe = self._coarse(places[left], tile) < self.least
            for one in np.flatnonzero(maybe.any(axis=1)):
                among = self.places[tile][maybe[one]]
                near[left[one]] = self._nearest(places[left[one]], among) < self.least
            stop, size = tile.start, min(2 * size, _TILE)
        return near

    def _coarse(self, places: Int[np.ndarray, " b"], tile: slice) -> UInt16[np.ndarray, "b k"]:
        total = np.zeros((len(places), tile.stop - tile.start), np.uint16)
        apart = np.empty(total.shape, np.int16)
        for mine, theirs in zip(self.blocks[:, places], self.kept_blocks[:, tile], strict=True):
            np.subtract(mine[:, None], theirs, out=apart)
            total += np.abs(apart, out=apart).view(np.uint16)
        return total

    def _nearest(self, place: np.integer[Any], among: Int[np.ndarray, " k"]) -> float:
        one, others = self.flat[place : place + 1], self.flat[among]
        found, _ = cv2.batchDistance(one, others, cv2.CV_32S, normType=cv2.NORM_L1, K=1)
        return float(found[0, 0])


def _apart(
    faces: UInt8[np.ndarray, "b d"], least: float, always: Bool[np.ndarray, " b"]
) -> Bool[np.ndarray, " b"]:
    """Which faces of a batch are kept, one after the other."""
    near = cdist(faces, faces, "cityblock") < least
    chosen = np.zeros(len(faces), dtype=bool)
    for place in range(len(faces)):
        chosen[place] = always[place] or not near[place, chosen].any()
    return chosen
