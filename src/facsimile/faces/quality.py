"""How good a face picture is: focus, light, and where the head is turned."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from facsimile.faces.blur import blockiness, blur, motion_blur, sharpness
from facsimile.faces.expression import Expression, expression
from facsimile.faces.lighting import asymmetry, brightness, clipping, contrast, evenness, face_patch

# A head in millimetres, x to the viewer's right, y down, z away from the viewer, origin at the
# nose tip. x and y are the mean of YuNet's landmarks on the 400 ORL faces at an eye distance of
# 63 mm (its nose point lies lower than ArcFace's); z, eyes and mouth corners behind the nose tip,
# is that of an adult head.
_HEAD = np.array(
    [[-31.5, -36.6, 30.0], [31.5, -36.6, 30.0], [0, 0, 0], [-26.8, 27.4, 24.0], [26.8, 27.4, 24.0]]
)
_HEAD_CENTRED = _HEAD - _HEAD.mean(0)
_HEAD_INVERSE = np.linalg.pinv(_HEAD_CENTRED)


class Pose(NamedTuple):
    """Degrees, 0 for a face that looks into the camera upright.

    `yaw` > 0: the nose points to the viewer's right. `pitch` > 0: the nose points up.
    `roll` > 0: the head is tilted clockwise as the viewer sees it.
    """

    yaw: float
    pitch: float
    roll: float


#: What `measure` gives, in its order.
QUALITIES = (
    *("sharpness", "blur", "motion_blur", "blockiness"),
    *("brightness", "contrast", "clipping", "evenness", "asymmetry"),
    *Pose._fields,
    *("misfit", "eye_distance"),
    *Expression._fields,
)


def pose(landmarks: Float[np.ndarray, "5 2"]) -> Pose:
    """Turn of the head, from five landmarks under scaled orthographic projection.

    The affine camera that maps a mean head to the landmarks, with its nearest rotation: exact for
    that head seen from afar, some degrees off for another's nose.
    """
    points = landmarks.astype(np.float64)
    camera = (points - points.mean(0)).T @ _HEAD_INVERSE.T
    right, down = _nearest_rotation(*camera.tolist())
    away = _cross(right, down)
    # right, down and away are the rows of Rz(roll) Ry(-yaw) Rx(-pitch).
    yaw = math.asin(min(max(away[0], -1.0), 1.0))
    pitch = -math.atan2(away[1], away[2])
    roll = math.atan2(down[0], right[0])
    return Pose(*(math.degrees(angle) for angle in (yaw, pitch, roll)))


def _nearest_rotation(x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """The orthonormal rows nearest to x and y: (M M^T)^-1/2 M, in closed form."""
    xx, xy, yy = _dot(x, x), _dot(x, y), _dot(y, y)
    area = math.sqrt(max(xx * yy - xy * xy, 1e-24))
    a, b, c = yy + area, -xy, xx + area
    size = area * math.sqrt(xx + yy + 2 * area)
    return (
        [(a * one + b * two) / size for one, two in zip(x, y, strict=True)],
        [(b * one + c * two) / size for one, two in zip(x, y, strict=True)],
    )


def _dot(x: list[float], y: list[float]) -> float:
    return sum(one * two for one, two in zip(x, y, strict=True))


def _cross(x: list[float], y: list[float]) -> list[float]:
    return [x[i - 2] * y[i - 1] - x[i - 1] * y[i - 2] for i in range(3)]


def eye_distance(landmarks: Float[np.ndarray, "5 2"]) -> float:
    """Between the centres of the eyes, in the landmarks' pixels.

    >>> eye_distance(np.array([[0.0, 0], [3, 4], [2, 5], [0, 8], [4, 8]]))
    5.0
    """
    return float(np.hypot(*(landmarks[1] - landmarks[0]).astype(np.float64)))


def misfit(landmarks: Float[np.ndarray, "5 2"]) -> float:
    """How badly the landmarks fit a head seen from anywhere, in eye distances; 0 is a fit.

    Root mean square distance to the nearest view of a mean head under an affine camera: large
    where one of them is guessed, as behind a hand, or where there is no face.
    """
    points = landmarks.astype(np.float64)
    centred = points - points.mean(0)
    view = _HEAD_CENTRED @ (_HEAD_INVERSE @ centred)
    distance = np.sqrt(((view - centred) ** 2).sum(1).mean())
    return float(distance / max(eye_distance(landmarks), 1e-9))


def measure(
    image: UInt8[np.ndarray, "h w 3"],
    landmarks: Float[np.ndarray, "5 2"],
    crop_landmarks: Float[np.ndarray, "5 2"],
    dense: Float[np.ndarray, "n 2"] | None = None,
) -> dict[str, float]:
    """Every quality of a crop; NaN where one cannot be told.

    Args:
        image: The crop, RGB.
        landmarks: In pixels of the frame.
        crop_landmarks: The same in pixels of the crop.
        dense: All landmarks of a detector that finds more, in pixels of the crop.
    """
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    patch = face_patch(grey, crop_landmarks)
    values = (
        *(sharpness(grey), blur(grey), motion_blur(grey)),
        blockiness(grey, landmarks, crop_landmarks),
        *(brightness(grey), contrast(grey), clipping(grey)),
        *(evenness(patch), asymmetry(patch)),
        *pose(landmarks),
        *(misfit(landmarks), eye_distance(landmarks)),
        *expression(grey, dense),
    )
    return dict(zip(QUALITIES, values, strict=True))
