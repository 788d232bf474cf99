"""What a face detector returns, and how one is called."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8


@dataclass(frozen=True, eq=False)
class Face:
    """One face found in an image, in pixels of that image.

    `bbox` is x, y, width, height and may reach over the border; `landmarks` are the right eye,
    left eye, nose tip, right and left mouth corner (the person's right is the viewer's left);
    `score` is the detector's confidence in 0..1.
    """

    bbox: tuple[float, float, float, float]
    landmarks: Float32[np.ndarray, "5 2"]
    score: float


@runtime_checkable
class Detector(Protocol):
    """Finds the faces in an image, the most prominent (area times score) first."""

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image; an empty list where there is none."""
        ...


def prominence(face: Face) -> float:
    """Area of the box times score: what faces are ranked by.

    >>> prominence(Face((0.0, 0.0, 10.0, 20.0), np.zeros((5, 2), np.float32), 0.5))
    100.0
    """
    return face.bbox[2] * face.bbox[3] * face.score
