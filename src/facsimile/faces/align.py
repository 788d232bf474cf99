"""Bringing a face into the upright square crop by a similarity of its five landmarks."""

from enum import StrEnum

import cv2
import numpy as np
from jaxtyping import Float, Float64, UInt8

from facsimile.errors import UserError

# Eye centres, nose tip and mouth corners of the mean face of DeepFaceLab and faceswap (dlib's 68
# points), whose unit square holds the face from brows to mouth; centred, so that a mirrored face
# is aligned to the mirrored crop.
_MEAN_FACE = np.array(
    [
        [-0.264635, -0.284010],
        [0.264635, -0.284010],
        [0.0, 0.015625],
        [-0.235978, 0.280233],
        [0.235978, 0.280233],
    ]
)


class FaceType(StrEnum):
    """DeepFaceLab's face types: how much round the face a crop shows.

    Fields of view and shifts are DeepFaceLab's. Two things differ: its similarity is fitted to 33
    of 68 landmarks, this one to five; and its `head` is also moved sideways by the turn of the
    head, which it takes from the outline of the jaw: five points do not show that, and the nose
    would make the crops tremble.
    """

    HALF = "half"
    MID = "mid"
    FULL = "full"
    WHOLE = "whole"
    HEAD = "head"

    @property
    def coverage(self) -> float:
        """Field of view, 1 for the half face: 1 + 2 sqrt(2) padding.

        >>> [round(kind.coverage, 2) for kind in FaceType]
        [1.0, 1.19, 1.6, 2.13, 2.98]
        """
        return 1 + 2 * 2**0.5 * _PADDING[self]

    @property
    def lift(self) -> float:
        """How far the crop is moved up the face, in sides of the half face."""
        return _LIFT.get(self, 0.0)


_PADDING = {
    FaceType.HALF: 0.0,
    FaceType.MID: 0.0675,
    FaceType.FULL: 0.2109375,
    FaceType.WHOLE: 0.40,
    FaceType.HEAD: 0.70,
}
_LIFT = {FaceType.WHOLE: 0.07, FaceType.HEAD: 0.50}  # for the forehead; for the hair


def field_of_view(value: int | float | str) -> float | FaceType:
    """What `similarity` takes, from a number or a face type's name as a configuration has it.

    >>> field_of_view("whole"), field_of_view(2)
    (<FaceType.WHOLE: 'whole'>, 2.0)

    Raises:
        UserError: There is no face type of this name.
    """
    if not isinstance(value, str):
        return float(value)
    if value not in list(FaceType):
        raise UserError(
            f"there is no face type {value!r}: give a number, or one of {', '.join(FaceType)}"
        )
    return FaceType(value)


def template(size: int, coverage: float | FaceType) -> Float64[np.ndarray, "5 2"]:
    """Where the landmarks lie in the crop, in pixels (the first pixel's centre is 0).

    >>> template(128, 1.6).round(1).tolist()[2]
    [63.5, 64.8]
    """
    if not isinstance(coverage, FaceType):
        return _MEAN_FACE * (size / coverage) + (size - 1) / 2
    return (_MEAN_FACE + [0, coverage.lift]) * (size / coverage.coverage) + (size - 1) / 2


def similarity(
    landmarks: Float[np.ndarray, "5 2"], size: int, coverage: float | FaceType
) -> Float64[np.ndarray, "2 3"]:
    """The rotation, scale and shift from image to crop pixels that fits best.

    Args:
        landmarks: In image pixels.
        size: Side of the crop, pixels.
        coverage: Field of view in DeepFaceLive's terms: 1.0 is the half face, 1.6 the full face
            from above the brows to the chin, 2.1 the whole face with forehead; or a face type.
    """
    return fit(landmarks, template(size, coverage))


def fit(
    points: Float[np.ndarray, "n 2"], target: Float[np.ndarray, "n 2"]
) -> Float64[np.ndarray, "2 3"]:
    """The similarity that brings points nearest to others by least squares (Umeyama 1991)."""
    source = points.astype(np.float64)
    source_mean, target_mean = source.mean(0), target.mean(0)
    centred = source - source_mean
    u, singular, vt = np.linalg.svd((target - target_mean).T @ centred)
    # A reflection would fit a degenerate face better; a face is never one.
    sign = np.array([1.0, np.sign(np.linalg.det(u @ vt)) or 1.0])
    rotation = (u * sign) @ vt
    scale = float(singular @ sign) / max(float((centred**2).sum()), 1e-12)
    shift = target_mean - scale * rotation @ source_mean
    return np.hstack([scale * rotation, shift[:, None]])


def transform(
    points: Float[np.ndarray, "n 2"], matrix: Float[np.ndarray, "2 3"]
) -> Float64[np.ndarray, "n 2"]:
    """Points carried by an affine matrix.

    >>> transform(np.array([[1.0, 2.0]]), np.array([[2.0, 0, 1], [0, 2, 0]])).tolist()
    [[3.0, 4.0]]
    """
    moved: np.ndarray = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return moved


def invert(matrix: Float[np.ndarray, "2 3"]) -> Float64[np.ndarray, "2 3"]:
    """The affine matrix that leads back."""
    back = np.linalg.inv(matrix[:, :2])
    return np.hstack([back, -back @ matrix[:, 2:]])


def warp(
    image: UInt8[np.ndarray, "h w *c"],
    matrix: Float[np.ndarray, "2 3"],
    size: int | tuple[int, int],
) -> UInt8[np.ndarray, "h2 w2 *c"]:
    """Draw the image through an affine matrix, the border repeated outwards.

    Where the matrix shrinks, the result is averaged over the pixels it covers, so that a large
    face does not alias.

    Args:
        image: uint8, any number of channels.
        matrix: From image to result pixels.
        size: Side of a square result, or its (width, height), pixels.
    """
    width, height = (size, size) if isinstance(size, int) else size
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    factor = int(np.ceil(1 / max(float(scale), 1 / 16)))
    fine = np.array(matrix, np.float64) * factor
    fine[:, 2] += (factor - 1) / 2  # the centre of a pixel is that of its factor x factor parts
    drawn = cv2.warpAffine(
        image,
        fine,
        (width * factor, height * factor),
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor == 1:
        return np.asarray(drawn, np.uint8)
    return np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
