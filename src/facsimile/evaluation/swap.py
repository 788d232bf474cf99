"""Swapped frames against the frames they were made from.

By the paper's three metrics the best swap is no swap. So each frame is measured on two axes: how
much of the source's identity arrived, and how much of the target's frame was kept; and with it
the two rows that any swap has to be judged by, a pasted still and the untouched frame.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.evaluation.recognition import Recognizer, Sighting
from facsimile.faces.identity import cosine
from facsimile.metrics.landmarks import landmark_error
from facsimile.metrics.pixel_cosine import pixel_cosine
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import WINDOW, ssim
from facsimile.threads import in_order

Image = UInt8[np.ndarray, "h w 3"]
Record = dict[str, int | float | str | bool]

NO_SWAP = "no_swap"
LIKENESS = {"ssim": ssim, "psnr": psnr, "pixel_cosine": pixel_cosine}
MEASURES = (
    *LIKENESS,
    *(f"face_{name}" for name in LIKENESS),
    "identity_source",
    "identity_target",
    "landmark_error",
)


@dataclass(frozen=True)
class Direction:
    """One subject's identity put on another's frames, with both subjects' mean embeddings."""

    source: str
    target: str
    source_embedding: Float32[np.ndarray, " d"]
    target_embedding: Float32[np.ndarray, " d"]

    @property
    def name(self) -> str:
        """`A_to_B`: A's identity on B's frames."""
        return f"{self.source}_to_{self.target}"


@dataclass(frozen=True)
class Frame:
    """A target frame, and what each row of the table made of it."""

    index: int
    target: Image
    rows: Mapping[str, Image]


def measure_clip(
    frames: Iterable[Frame], recognizers: Sequence[Recognizer], direction: Direction
) -> Iterator[list[Record]]:
    """Measure a clip, one list of records a frame, in order; as many threads as recognizers."""

    def measure(recognizer: Recognizer, frame: Frame) -> list[Record]:
        return measure_frame(frame, recognizer, direction)

    return in_order(recognizers, measure, frames)


def measure_frame(frame: Frame, recognizer: Recognizer, direction: Direction) -> list[Record]:
    """One record a row, the untouched frame (`no_swap`) last.

    A record holds frame, row, detected and MEASURES. Those that need a face are NaN where none
    is found; PSNR is infinite where nothing was changed.
    """
    seen = recognizer(frame.target)
    sightings = {row: recognizer(image) for row, image in frame.rows.items()} | {NO_SWAP: seen}
    images = {**frame.rows, NO_SWAP: frame.target}
    return [
        {
            "frame": frame.index,
            "row": row,
            "detected": sighting is not None,
            **_likeness(images[row], frame.target),
            **_face_likeness(images[row], frame.target, seen),
            **_identity(sighting, direction),
            "landmark_error": _landmark_error(sighting, seen),
        }
        for row, sighting in sightings.items()
    ]


def _likeness(image: Image, target: Image) -> dict[str, float]:
    if image is target:
        return {"ssim": 1.0, "psnr": math.inf, "pixel_cosine": 1.0}
    return {name: measure(image, target) for name, measure in LIKENESS.items()}


def _face_likeness(image: Image, target: Image, seen: Sighting | None) -> dict[str, float]:
    """The likeness inside the box of the target's face."""
    region = None if seen is None else _region(seen, target.shape[0], target.shape[1])
    if region is None:
        return {f"face_{name}": math.nan for name in LIKENESS}
    face, original = image[region], target[region]
    return {f"face_{name}": measure(face, original) for name, measure in LIKENESS.items()}


def _region(seen: Sighting, height: int, width: int) -> tuple[slice, slice] | None:
    """The box within the frame, or None where SSIM's window does not fit into it."""
    x, y, w, h = seen.bbox
    left, top = max(round(x), 0), max(round(y), 0)
    right, bottom = min(round(x + w), width), min(round(y + h), height)
    if min(right - left, bottom - top) < WINDOW:
        return None
    return slice(top, bottom), slice(left, right)


def _identity(sighting: Sighting | None, direction: Direction) -> dict[str, float]:
    if sighting is None:
        return {"identity_source": math.nan, "identity_target": math.nan}
    return {
        "identity_source": cosine(sighting.embedding, direction.source_embedding),
        "identity_target": cosine(sighting.embedding, direction.target_embedding),
    }


def _landmark_error(sighting: Sighting | None, seen: Sighting | None) -> float:
    if sighting is None or seen is None:
        return math.nan
    return landmark_error(sighting.landmarks, seen.landmarks)
