"""The few best faces of a person: every pose, the sharpest of each, and those that differ most."""

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int, UInt8

BIN = 10.0  # degrees of yaw and of pitch that count as one pose


def best(
    faces: pd.DataFrame, thumbnails: UInt8[np.ndarray, "n t t"], count: int
) -> Int[np.ndarray, " k"]:
    """Places of at most `count` of a person's faces, in their order (after DeepFaceLab's sorter).

    Every pose, a bin of yaw and pitch, gives as many as every other, as far as it has them. Of a
    pose, its sharper half is asked first; of these come the sharpest one and then, one by one, the
    one that differs most from those that came before.

    Args:
        faces: Columns yaw, pitch, sharpness.
        thumbnails: By which they are compared.
        count: How many are wanted.
    """
    pose = np.floor(faces[["yaw", "pitch"]].to_numpy(np.float64) / BIN + 0.5)
    _, bins = np.unique(pose, axis=0, return_inverse=True)
    members = [
        np.flatnonzero(bins.ravel() == number) for number in range(int(bins.max(initial=-1)) + 1)
    ]
    flat = thumbnails.reshape(-1, int(np.prod(thumbnails.shape[1:]))).astype(np.float32)
    sharpness = faces.sharpness.to_numpy(np.float64)
    shares = share([len(places) for places in members], count)
    chosen = [
        _spread(places[np.argsort(-sharpness[places], kind="stable")], flat, wanted)
        for places, wanted in zip(members, shares, strict=True)
    ]
    return np.sort(np.concatenate([*chosen, np.empty(0, np.int64)]).astype(np.int64))


def share(sizes: list[int], count: int) -> list[int]:
    """How many to take of each, so that all give the same as far as they have it.

    What does not divide goes to the first that have one more.

    >>> share([5, 1, 9], 8)
    [4, 1, 3]
    """
    level, shares = 0, [0] * len(sizes)
    while sum(shares) < count and shares != list(sizes):
        level += 1
        for place, size in enumerate(sizes):
            if size >= level and sum(shares) < count:
                shares[place] += 1
    return shares


def _spread(
    places: Int[np.ndarray, " m"], flat: Float32[np.ndarray, "n d"], wanted: int
) -> Int[np.ndarray, " k"]:
    """Of places, the sharpest first, the wanted number that lies farthest apart."""
    candidates = places[: max(wanted, -(-len(places) // 2))]
    if wanted >= len(candidates):
        return candidates
    chosen, distance = [0], np.full(len(candidates), np.inf)
    while len(chosen) < wanted:
        apart = np.abs(flat[candidates] - flat[candidates[chosen[-1]]]).mean(axis=1)
        distance = np.minimum(distance, apart)
        chosen.append(int(distance.argmax()))
    return candidates[chosen[:wanted]]
