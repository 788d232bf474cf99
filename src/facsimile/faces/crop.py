"""One image in, its face cut out: the aligned crop, or the picture itself where it is one."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.faces.align import FaceType, similarity, transform, warp
from facsimile.faces.detect import Detector, Face

# A face that fills its picture to the border is out of the detectors' range: they have seen faces
# with surroundings, and not small ones.
_MARGIN = 0.15
_MIN_HEIGHT = 320


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """A face, in pixels of the image, with its RGB crop and its landmarks in pixels of the crop."""

    face: Face
    image: UInt8[np.ndarray, "h w 3"]
    landmarks: Float32[np.ndarray, "5 2"]
    dense: Float32[np.ndarray, "n 2"] | None = None


def crop_face(
    image: UInt8[np.ndarray, "h w 3"], face: Face, size: int, coverage: float | FaceType
) -> FaceCrop:
    """A face of an image, aligned.

    `size` is the side of the crop in pixels, `coverage` its field of view (see `similarity`).
    """
    matrix = similarity(face.landmarks, size, coverage)
    landmarks = transform(face.landmarks, matrix).astype(np.float32)
    dense = None if face.dense is None else transform(face.dense, matrix).astype(np.float32)
    return FaceCrop(face, warp(image, matrix, size), landmarks, dense)


def keep_crop(image: UInt8[np.ndarray, "h w 3"], detector: Detector) -> FaceCrop | None:
    """A picture that is a face crop already, its pixels untouched; None where no face is found.

    The face is looked for in an enlarged copy with a margin.
    """
    enlarge = max(1, -(-_MIN_HEIGHT // image.shape[0]))
    height, width = (side * enlarge for side in image.shape[:2])
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    margin = round(_MARGIN * height)
    padded = cv2.copyMakeBorder(large, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    faces = detector(np.asarray(padded, np.uint8))
    if not faces:
        return None
    face = _shrunk(faces[0], margin, enlarge)
    return FaceCrop(face, image, face.landmarks, face.dense)


def _shrunk(face: Face, margin: int, enlarge: int) -> Face:
    """The face in pixels of the picture before it got its margin and was enlarged."""
    x, y, width, height = face.bbox
    bbox = ((x - margin) / enlarge, (y - margin) / enlarge, width / enlarge, height / enlarge)
    # Half a pixel: the first pixel's centre is 0 in both, their common corner is not.

    def back(points: Float32[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n 2"]:
        return np.asarray((points - margin + 0.5) / enlarge - 0.5, np.float32)

    dense = None if face.dense is None else back(face.dense)
    return Face(bbox, back(face.landmarks), face.score, dense)
