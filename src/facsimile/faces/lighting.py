"""How a face is lit: how brightly, with what contrast, from one side or evenly."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

Grey = UInt8[np.ndarray, "h w"]

_PATCH = 1.8  # side of the patch, eye distances
_CELLS = 32  # the same
_DARK, _LIGHT = 2, 253

_RAMP = np.linspace(-1, 1, _CELLS)
# the slope of a least-squares plane, from the patch's centre to its edge
_SLOPE = (_RAMP / (_RAMP @ _RAMP) / _CELLS).astype(np.float32)


def brightness(grey: Grey) -> float:
    """Mean, 0 to 255.

    >>> brightness(np.full((8, 8), 90, np.uint8))
    90.0
    """
    return cv2.mean(grey)[0]


def contrast(grey: Grey) -> float:
    """Standard deviation (root mean square contrast), 0 to 127.5.

    >>> contrast(np.array([[50, 150]], np.uint8))
    50.0
    """
    return float(cv2.meanStdDev(grey)[1][0, 0])


def clipping(grey: Grey) -> float:
    """Share of the pixels that are as good as black or white, 0 to 1.

    >>> clipping(np.array([[0, 100, 200, 255]], np.uint8))
    0.5
    """
    return 1 - cv2.countNonZero(cv2.inRange(grey, _DARK + 1, _LIGHT - 1)) / grey.size


def face_patch(
    grey: Grey, crop_landmarks: Float[np.ndarray, "5 2"]
) -> Float32[np.ndarray, "32 32"]:
    """The square from brow to chin, its eyes level, without hair and background beside the cheeks.

    Grey values 0 to 255; the landmarks are in the picture's pixels.
    """
    eyes = (crop_landmarks[1] - crop_landmarks[0]).astype(np.float64)
    distance = max(float(np.hypot(*eyes)), 1.0)
    factor = max(1, min(8, int(_PATCH * distance / _CELLS)))  # pixels a cell: no aliasing
    cells = _CELLS * factor
    across, down = eyes / distance * (_PATCH * distance / cells)
    turn = np.array([[across, -down], [down, across]])
    corner = crop_landmarks.mean(axis=0) - turn.sum(axis=1) * (cells - 1) / 2
    matrix = np.column_stack([turn, corner])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(
        grey, matrix, (cells, cells), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.resize(drawn, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)


def evenness(patch: Float32[np.ndarray, "32 32"]) -> float:
    """How evenly the face is lit: its darkest side by its brightest one, 0 to 1.

    The sides are those of the plane that fits best to a `face_patch`; 1 is even, 0.5 means that
    one edge is half as bright as the one across.
    """
    mean = float(patch.mean())
    slope = float(np.hypot((patch @ _SLOPE).sum(), (_SLOPE @ patch).sum()))
    return max(0.0, (mean - slope) / (mean + slope)) if mean else 1.0


def asymmetry(patch: Float32[np.ndarray, "32 32"]) -> float:
    """How little the halves of a `face_patch` mirror each other, 0 to 1, light apart.

    A hint at something before the face (a hand, a microphone, hair); a turned head raises it too.
    """
    detail = patch - cv2.GaussianBlur(patch, (0, 0), _CELLS / 8)
    total = float(np.abs(detail).sum())
    return float(np.abs(detail - detail[:, ::-1]).sum()) / (2 * total) if total else 0.0
