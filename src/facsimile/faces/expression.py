"""What a face does, from the landmarks of its eyes and lips: open mouth, open eyes, gaze."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8


class _Layout(NamedTuple):
    """Where landmarks stand: eyes as corner, two above, corner, two below; the viewer's left first.

    `mouth` is one corner, the upper lip, the other corner and the lower lip, along the inner edge.
    """

    eyes: tuple[tuple[int, ...], tuple[int, ...]]
    mouth: tuple[int, int, int, int]


_DLIB = _Layout(((36, 37, 38, 39, 40, 41), (42, 43, 44, 45, 46, 47)), (60, 62, 64, 66))
_MEDIAPIPE = _Layout(
    ((33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380)), (78, 13, 308, 14)
)
# with and without the irises, which stand at the end
_LAYOUTS = {68: _DLIB, 468: _MEDIAPIPE, 478: _MEDIAPIPE}

_EYE = (24, 12)  # pixels of the upright eye that gaze looks at


class Expression(NamedTuple):
    """Openings in widths (of the mouth, of the eye), gaze from -1 to 1; NaN: not to be told.

    `gaze` < 0: the eyes look to the viewer's left, > 0: to the right, as seen
    from the head. It is rough where an eye is but a few pixels wide or lit from one side.
    """

    mouth_opening: float
    eye_opening: float
    gaze: float


_UNKNOWN = Expression(*[float("nan")] * 3)


def expression(
    grey: UInt8[np.ndarray, "h w"], dense: Float[np.ndarray, "n 2"] | None
) -> Expression:
    """Openings of mouth and eyes, and gaze, by the 68 landmarks of dlib or MediaPipe's 468.

    The eyes' opening is the eye aspect ratio (Soukupova and Cech 2016), the mean of both. All is
    NaN without dense landmarks, or for another number of them.

    Args:
        grey: The crop.
        dense: In pixels of the crop.
    """
    layout = _LAYOUTS.get(0 if dense is None else len(dense))
    if dense is None or layout is None:
        return _UNKNOWN
    points = dense.astype(np.float64)
    eyes = [points[list(eye)] for eye in layout.eyes]
    one, upper, other, lower = points[list(layout.mouth)]
    mouth = _length(upper - lower) / max(_length(one - other), 1e-9)
    opening = float(np.mean([_aspect(eye) for eye in eyes]))
    return Expression(mouth, opening, float(np.mean([_gaze(grey, eye) for eye in eyes])))


def _length(vector: np.ndarray) -> float:
    return float(np.hypot(*vector))


def _aspect(eye: np.ndarray) -> float:
    heights = _length(eye[1] - eye[5]) + _length(eye[2] - eye[4])
    return heights / max(2 * _length(eye[0] - eye[3]), 1e-9)


def _gaze(grey: np.ndarray, eye: np.ndarray) -> float:
    """Where between the corners the darkest part of the eye lies, -1 to 1."""
    picture = _upright(grey, eye[0], eye[3])
    columns = picture.mean(axis=0)
    dark = np.maximum(0, columns.mean() - columns)
    places = np.linspace(-1, 1, len(columns))
    return float(dark @ places / dark.sum()) if dark.sum() else float("nan")


def _upright(grey: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The eye between its corners, the lids' outer parts left out."""
    width, height = _EYE
    across = (right - left) / (width - 1)
    matrix = np.array([[across[0], -across[1], 0], [across[1], across[0], 0]])
    matrix[:, 2] = left - matrix[:, :2] @ [0, (height - 1) / 2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(grey, matrix, _EYE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return drawn[height // 4 : -height // 4].astype(np.float64)
