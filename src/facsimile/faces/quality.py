"""How good a face picture is: sharpness, brightness, and where the head is turned."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8

# A head in millimetres, x to the viewer's right, y down, z away from the viewer, origin at the
# nose tip. x and y are the mean of YuNet's landmarks on the 400 ORL faces at an eye distance of
# 63 mm (its nose point lies lower than ArcFace's); z, eyes and mouth corners behind the nose tip,
# is that of an adult head.
_HEAD = np.array(
    [[-31.5, -36.6, 30.0], [31.5, -36.6, 30.0], [0, 0, 0], [-26.8, 27.4, 24.0], [26.8, 27.4, 24.0]]
)
_HEAD_INVERSE = np.linalg.pinv(_HEAD - _HEAD.mean(0))


class Pose(NamedTuple):
    """Degrees, 0 for a face that looks into the camera upright.

    `yaw` > 0: the nose points to the viewer's right. `pitch` > 0: the nose points up.
    `roll` > 0: the head is tilted clockwise as the viewer sees it.
    """

    yaw: float
    pitch: float
    roll: float


def _grey(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w"]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def sharpness(image: UInt8[np.ndarray, "h w 3"]) -> float:
    """Variance of the Laplacian of the grey image (DeepFaceLab's motion blur); 0 is flat.

    >>> sharpness(np.full((8, 8, 3), 90, np.uint8))
    0.0
    """
    return float(cv2.Laplacian(_grey(image), cv2.CV_64F).var())


def brightness(image: UInt8[np.ndarray, "h w 3"]) -> float:
    """Mean of the grey image, 0..255.

    >>> brightness(np.full((8, 8, 3), 90, np.uint8))
    90.0
    """
    return float(_grey(image).mean())


def pose(landmarks: Float[np.ndarray, "5 2"]) -> Pose:
    """Turn of the head, from five landmarks under scaled orthographic projection.

    The affine camera that maps a mean head to the landmarks, with its nearest rotation: exact for
    that head seen from afar, some degrees off for another's nose.
    """
    points = landmarks.astype(np.float64)
    camera = (points - points.mean(0)).T @ _HEAD_INVERSE.T
    u, _, vt = np.linalg.svd(camera, full_matrices=False)
    right, down = u @ vt
    away = np.cross(right, down)
    # right, down and away are the rows of Rz(roll) Ry(-yaw) Rx(-pitch).
    yaw = np.arcsin(np.clip(away[0], -1, 1))
    pitch = -np.arctan2(away[1], away[2])
    roll = np.arctan2(down[0], right[0])
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))
