"""The frames at which a swap is hardest, out of what was measured: what people should look at."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float64, UInt8

from facsimile.evaluation.pictures import Row, sheet
from facsimile.evaluation.summary import NO_SWAP
from facsimile.faces.align import FaceType, similarity, warp

Image = UInt8[np.ndarray, "_ _ 3"]
ReadPairs = Callable[[Collection[int]], Mapping[int, tuple[Image, Image]]]

EACH = 4  # frames of a kind
_APART = 12  # frames between two of a kind: half a second
_SIDE = 224  # pixels of a picture
_SWAP = "swap"


def hard_places(table: pd.DataFrame) -> dict[str, list[int]]:
    """The hardest frames of each kind, the hardest first, as indices of the target's video.

    By the target: mouth widest open, eyes most closed, head most turned; by the swap: largest
    error of its landmarks. A kind that was not measured is left out.

    Args:
        table: What `measure_clip` gave.
    """
    target, swap = (table[table["row"] == row].set_index("frame") for row in (NO_SWAP, _SWAP))
    hardness = {
        "mouth open": target["mouth_opening"],
        "eyes closed": -target["eye_opening"],
        "head turned": target["yaw"].abs(),
        "landmarks off": swap["landmark_error"],
    }
    places = {kind: _peaks(values.dropna()) for kind, values in hardness.items()}
    return {kind: frames for kind, frames in places.items() if frames}


def hard_sheet(table: pd.DataFrame, read: ReadPairs) -> Image | None:
    """The heads at the hard places, upright: the target's above, the swap's below.

    Args:
        table: What `measure_clip` gave.
        read: Gives target frame and swapped frame at indices of the target's video.

    Returns:
        None where no face was found in the clip.
    """
    rows: list[Row] = []
    landmarks = table[table["row"] == NO_SWAP].set_index("frame")["landmarks"]
    places = hard_places(table)
    shown = read(set().union(*places.values())) if places else {}
    for kind, frames in places.items():
        pairs = [_heads(shown[frame], np.array(landmarks[frame], float)) for frame in frames]
        named = f"target, {kind}: frames {', '.join(map(str, frames))}"
        rows += [(named, [pair[0] for pair in pairs]), (_SWAP, [pair[1] for pair in pairs])]
    return sheet(rows, _SIDE, synthetic={_SWAP}) if rows else None


def _heads(pair: tuple[Image, Image], landmarks: Float64[np.ndarray, "10"]) -> tuple[Image, Image]:
    matrix = similarity(landmarks.reshape(5, 2), _SIDE, FaceType.WHOLE)
    return warp(pair[0], matrix, _SIDE), warp(pair[1], matrix, _SIDE)


def _peaks(values: pd.Series) -> list[int]:
    frames, left = values.index.to_numpy(), values.to_numpy(dtype=np.float64, copy=True)
    peaks: list[int] = []
    while len(peaks) < EACH and np.isfinite(left).any():
        peaks.append(int(frames[np.nanargmax(left)]))
        left[np.abs(frames - peaks[-1]) < _APART] = np.nan
    return peaks
