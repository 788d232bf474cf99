"""The parts of a face that carry its expression: eyes and mouth."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Float32

from facsimile.errors import UserError
from facsimile.faces.hull import filled


class _Outlines(NamedTuple):
    right_eye: list[int]
    left_eye: list[int]
    lips: list[int]


_DLIB = _Outlines(list(range(36, 42)), list(range(42, 48)), list(range(48, 60)))
_MEDIAPIPE = _Outlines(
    [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
    [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185],
)
_OUTLINES = {68: _DLIB, 468: _MEDIAPIPE, 478: _MEDIAPIPE}

# In eye distances, round the outlines of dense landmarks; half of it is feathered.
_MARGIN = 0.1
# Half axes of ellipses, from five landmarks: of an eye in eye distances, of the mouth in its own
# widths and in distances of the eyes from the mouth, so that an open one is covered.
_EYE = (0.36, 0.24)
_MOUTH = (0.72, 0.42)
_BELOW_CORNERS = 0.12  # how far the mouth's middle lies below its corners, likewise
_FEATHER = 0.3  # share of an ellipse's radius


def eyes_mouth_mask(
    landmarks: Float[np.ndarray, "n 2"], size: int
) -> Float32[np.ndarray, "size size"]:
    """Cover both eyes and the mouth, with a margin.

    Args:
        landmarks: Five, 68 of dlib's, or 468 or 478 of MediaPipe's; crop pixels. With five the
            eyes and the mouth are taken to be ellipses of an adult's proportions.
        size: Side of the square crop, pixels.

    Returns:
        Weights in 0..1, feathered towards the edges.

    Raises:
        UserError: There is another number of landmarks.

    Example:
        >>> points = np.array([[44, 50], [84, 50], [64, 72], [48, 94], [80, 94]], np.float32)
        >>> mask = eyes_mouth_mask(points, 128)
        >>> float(mask[50, 44]), float(mask[94, 64]), float(mask[72, 64])
        (1.0, 1.0, 0.0)
    """
    if len(landmarks) == 5:
        return _ellipses(landmarks, size)
    if len(landmarks) not in _OUTLINES:
        raise UserError(f"eyes and mouth are known in 5, 68, 468 or 478, not {len(landmarks)}")
    outlines = _OUTLINES[len(landmarks)]
    parts = np.maximum.reduce([filled(landmarks[part], size) for part in outlines])
    right, left = (landmarks[eye].mean(0) for eye in outlines[:2])
    return _widened(parts, _MARGIN * float(np.linalg.norm(left - right)))


def _widened(mask: Float32[np.ndarray, "h w"], margin: float) -> Float32[np.ndarray, "h w"]:
    """Grown by a margin in pixels, the outer half of which is feathered."""
    radius = max(1, round(margin))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    soft = cv2.GaussianBlur(cv2.dilate(mask, kernel), (0, 0), max(margin / 4, 0.5))
    return np.asarray(np.clip(soft, 0, 1), np.float32)


def _ellipses(landmarks: Float[np.ndarray, "5 2"], size: int) -> Float32[np.ndarray, "size size"]:
    points = landmarks.astype(np.float32)
    right, left = points[:2]
    one, other = points[3:]
    down = (one + other - right - left) / 2
    apart, width = float(np.linalg.norm(left - right)), float(np.linalg.norm(other - one))
    length = float(np.linalg.norm(down))
    eye = (_EYE[0] * apart, _EYE[1] * apart)
    mouth = (_MOUTH[0] * width, _MOUTH[1] * length)
    parts = [
        _ellipse(right, left - right, eye, size),
        _ellipse(left, left - right, eye, size),
        _ellipse((one + other) / 2 + _BELOW_CORNERS * down, other - one, mouth, size),
    ]
    return np.asarray(np.maximum.reduce(parts), np.float32)


def _ellipse(
    centre: Float32[np.ndarray, "2"],
    along: Float32[np.ndarray, "2"],
    half_axes: tuple[float, float],
    size: int,
) -> Float32[np.ndarray, "size size"]:
    """1 within an ellipse whose first axis runs along a direction, falling to 0 on its edge."""
    length = float(np.linalg.norm(along))
    across = along / length if length > 0 else np.array([1, 0], np.float32)
    column, row = (np.arange(size, dtype=np.float32)[:, None] - centre).T
    x = (column * across[0] + row[:, None] * across[1]) / max(half_axes[0], 1e-3)
    y = (row[:, None] * across[0] - column * across[1]) / max(half_axes[1], 1e-3)
    rise = np.clip((1 - np.sqrt(x * x + y * y)) / _FEATHER, 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)
