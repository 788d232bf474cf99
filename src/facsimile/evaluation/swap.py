"""Swapped frames against the frames they were made from.

By the paper's three metrics the best swap is no swap. So each frame is measured on two axes: how
much of the source's identity arrived, and how much of the target's frame and expression was kept;
and with it the two rows that any swap has to be judged by, a pasted still and the untouched frame.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.evaluation.recognition import Embedding, Recognizer, Sighting
from facsimile.evaluation.steadiness import flicker_near, windows
from facsimile.evaluation.summary import NO_SWAP
from facsimile.faces.identity import cosine
from facsimile.faces.quality import pose
from facsimile.metrics.landmarks import landmark_error
from facsimile.metrics.pixel_cosine import pixel_cosine
from facsimile.metrics.psnr import psnr
from facsimile.metrics.ssim import WINDOW, ssim
from facsimile.threads import in_order

Image = UInt8[np.ndarray, "h w 3"]
Record = dict[str, Any]

LIKENESS: dict[str, Callable[[Image, Image], float]] = {
    "ssim": ssim,
    "psnr": psnr,
    "pixel_cosine": pixel_cosine,
}
SECOND = ("second_identity_source", "second_identity_target")
MEASURES = (
    *LIKENESS,
    *(f"face_{name}" for name in LIKENESS),
    "identity_source",
    "identity_target",
    *SECOND,
    "background_error",
    "fake_score",
    "landmark_error",
)


@dataclass(frozen=True)
class Direction:
    """One subject's identity put on another's frames, with both subjects' mean embeddings.

    `second` are those of a second embedder, source and target, if there is one.
    """

    source: str
    target: str
    source_embedding: Embedding
    target_embedding: Embedding
    second: tuple[Embedding, Embedding] | None = None

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

    @property
    def images(self) -> dict[str, Image]:
        """The picture of each row, the untouched frame (`no_swap`) last."""
        return {**self.rows, NO_SWAP: self.target}


Window = tuple[Frame | None, Frame, Frame | None]


def measure_clip(
    frames: Iterable[Frame], recognizers: Sequence[Recognizer], direction: Direction
) -> Iterator[list[Record]]:
    """Measure a clip, one list of records a frame, in order; as many threads as recognizers."""

    def measure(recognizer: Recognizer, window: Window) -> list[Record]:
        return measure_frame(window, recognizer, direction)

    return in_order(recognizers, measure, windows(frames))


def measure_frame(window: Window, recognizer: Recognizer, direction: Direction) -> list[Record]:
    """One record a row of the middle of three frames, the untouched one last.

    A record holds frame, row, detected, MEASURES, mouth_opening, eye_opening, yaw (degrees),
    flicker (levels) and landmarks (ten numbers, pixels). `background_error` is the mean absolute
    difference outside the box of the target's face, in levels of 0..255. Those that need a face are
    NaN where none is found, identities and `fake_score` also where embedder and judge did not look;
    PSNR is infinite where nothing was changed.
    """
    frame = window[1]
    sightings = {row: recognizer(image, frame.index) for row, image in frame.images.items()}
    seen = sightings[NO_SWAP]
    return [
        {
            "frame": frame.index,
            "row": row,
            "detected": sighting is not None,
            **_likeness(frame.images[row], frame.target),
            **_face_likeness(frame.images[row], frame.target, seen),
            **_identity(sighting, direction),
            **_expression(sighting),
            **_place(sighting),
            "background_error": _background_error(frame.images[row], frame.target, seen),
            "fake_score": _fake_score(sighting),
            "landmark_error": _landmark_error(sighting, seen),
            "flicker": _flicker(window, row, seen),
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


def _background_error(image: Image, target: Image, seen: Sighting | None) -> float:
    region = None if seen is None else _region(seen, target.shape[0], target.shape[1])
    if region is None:
        return math.nan
    difference = cv2.absdiff(image, target)
    difference[region] = 0
    outside = difference.size - difference[region].size
    return float(difference.sum(dtype=np.int64)) / outside if outside else math.nan


def _fake_score(sighting: Sighting | None) -> float:
    return math.nan if sighting is None or sighting.fake is None else sighting.fake


def _region(seen: Sighting, height: int, width: int) -> tuple[slice, slice] | None:
    """The box within the frame, or None where SSIM's window does not fit into it."""
    x, y, w, h = seen.bbox
    left, top = max(round(x), 0), max(round(y), 0)
    right, bottom = min(round(x + w), width), min(round(y + h), height)
    if min(right - left, bottom - top) < WINDOW:
        return None
    return slice(top, bottom), slice(left, right)


def _flicker(window: Window, row: str, seen: Sighting | None) -> float:
    pictures = [frame.images[row] for frame in window if frame is not None]
    if seen is None or len(pictures) < len(window):
        return math.nan
    return flicker_near(pictures, seen.landmarks)


def _identity(sighting: Sighting | None, direction: Direction) -> dict[str, float]:
    first = (direction.source_embedding, direction.target_embedding)
    second = direction.second or (None, None)
    seen = (None, None) if sighting is None else (sighting.embedding, sighting.second_embedding)
    pairs = {"identity": (seen[0], first), "second_identity": (seen[1], second)}
    return {
        f"{name}_{side}": _cosine(embedding, one)
        for name, (embedding, known) in pairs.items()
        for side, one in zip(("source", "target"), known, strict=True)
    }


def _cosine(seen: Embedding | None, known: Embedding | None) -> float:
    return math.nan if seen is None or known is None else cosine(seen, known)


def _expression(sighting: Sighting | None) -> dict[str, float]:
    found = None if sighting is None else sighting.expression
    if found is None:
        return {"mouth_opening": math.nan, "eye_opening": math.nan}
    return {"mouth_opening": found.mouth_opening, "eye_opening": found.eye_opening}


def _place(sighting: Sighting | None) -> dict[str, Any]:
    if sighting is None:
        return {"yaw": math.nan, "landmarks": [math.nan] * 10}
    return {
        "yaw": pose(sighting.landmarks).yaw,
        "landmarks": sighting.landmarks.ravel().astype(float).tolist(),
    }


def _landmark_error(sighting: Sighting | None, seen: Sighting | None) -> float:
    if sighting is None or seen is None:
        return math.nan
    return landmark_error(sighting.landmarks, seen.landmarks)
