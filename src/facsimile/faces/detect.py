"""What a face detector returns, and how one is called."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8


@dataclass(frozen=True, eq=False)
class Face:
    """One face found in an image, in pixels of that image.

    `bbox` is x, y, width, height and may reach over the border; `landmarks` are the right eye,
    left eye, nose tip, right and left mouth corner (the person's right is the viewer's left);
    `score` is the detector's confidence in 0..1; `dense` are all landmarks of a detector that finds
    more than five (68 of dlib's, 468 of MediaPipe's), in pixels of the image.
    """

    bbox: tuple[float, float, float, float]
    landmarks: Float32[np.ndarray, "5 2"]
    score: float
    dense: Float32[np.ndarray, "n 2"] | None = None

    def moved(self, x: float, y: float) -> "Face":
        """The face in pixels of an image of which this one is the part from x, y on."""
        shift = np.array([x, y], np.float32)
        bbox = (self.bbox[0] + x, self.bbox[1] + y, self.bbox[2], self.bbox[3])
        dense = None if self.dense is None else self.dense + shift
        return Face(bbox, self.landmarks + shift, self.score, dense)


@runtime_checkable
class Detector(Protocol):
    """Finds the faces in an image, the most prominent (area times score) first."""

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image; an empty list where there is none."""
        ...


@runtime_checkable
class BatchDetector(Detector, Protocol):
    """A detector that is faster for `batch_size` images at once, as one on a GPU."""

    batch_size: int

    def detect_batch(self, images: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> list[list[Face]]:
        """What each of several images of one size holds, as if called one by one."""
        ...


def prominence(face: Face) -> float:
    """Area of the box times score: what faces are ranked by.

    >>> prominence(Face((0.0, 0.0, 10.0, 20.0), np.zeros((5, 2), np.float32), 0.5))
    100.0
    """
    return face.bbox[2] * face.bbox[3] * face.score


class DetectorPool:
    """Detectors that many threads share, each of which is used by one of them at a time.

    A call waits until one is idle.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._idle: SimpleQueue[Detector] = SimpleQueue()
        for detector in detectors:
            self._idle.put(detector)
        self.batch_size = max(getattr(detector, "batch_size", 1) for detector in detectors)

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image, as an idle detector finds them."""
        with self._one() as detector:
            return detector(image)

    def detect_batch(self, images: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> list[list[Face]]:
        """The faces of each image: those that follow each other and have one size at once."""
        with self._one() as detector:
            if not isinstance(detector, BatchDetector):
                return [detector(image) for image in images]
            alike = groupby(images, key=np.shape)
            return [faces for _, some in alike for faces in detector.detect_batch(list(some))]

    @contextmanager
    def _one(self) -> Iterator[Detector]:
        detector = self._idle.get()
        try:
            yield detector
        finally:
            self._idle.put(detector)
