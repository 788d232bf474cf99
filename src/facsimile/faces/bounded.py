"""Detecting in a smaller copy of an image: there, and the faces found back to full scale."""

from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.detect import Face


def shrink(
    image: UInt8[np.ndarray, "h w 3"], max_side: int
) -> tuple[UInt8[np.ndarray, "h2 w2 3"], Float[np.ndarray, "2"]]:
    """A copy no larger than `max_side` pixels, and how much larger the image is, across and down.

    An image that is small enough is handed back as it is.
    """
    height, width = image.shape[:2]
    factor = min(1.0, max_side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size != (width, height):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return image, np.array([width / size[0], height / size[1]])


def pad(image: UInt8[np.ndarray, "h w 3"], least: int) -> UInt8[np.ndarray, "h2 w2 3"]:
    """The image, black added at the right and below where a side has less pixels than `least`.

    >>> pad(np.ones((2, 3, 3), np.uint8), 3).shape
    (3, 3, 3)
    """
    below, right = (max(0, least - side) for side in image.shape[:2])
    if not (below or right):
        return image
    padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(padded, np.uint8)


def enlarge(face: Face, scale: Float[np.ndarray, "2"]) -> Face:
    """The face of a shrunken copy, in pixels of the image it was made of.

    >>> points = np.full((5, 2), 4.5, np.float32)
    >>> enlarge(Face((1.0, 2.0, 3.0, 4.0), points, 1.0), np.array([2.0, 2.0])).bbox
    (2.0, 4.0, 6.0, 8.0)
    """
    if (scale == 1).all():
        return face
    across, down = scale.tolist()
    x, y, width, height = face.bbox
    return replace(
        face,
        bbox=(x * across, y * down, width * across, height * down),
        landmarks=_carried(face.landmarks, scale),
        dense=None if face.dense is None else _carried(face.dense, scale),
    )


def _carried(
    points: Float32[np.ndarray, "n 2"], scale: Float[np.ndarray, "2"]
) -> Float32[np.ndarray, "n 2"]:
    # Half a pixel: the first pixel's centre is 0 in both, their common corner is not.
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)
