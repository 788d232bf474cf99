"""Where a swapped face is pasted: soft masks in the space of the aligned crop."""

import numpy as np
from jaxtyping import Float, Float32

# Proportions of an adult head in frontal eye distances (about 63 mm): the head is taken as an
# upright cylinder whose front carries the features; the mask covers this arc of it.
_HEAD_RADIUS = 1.1
_HALF_ARC = np.deg2rad(70.0)
_TURN = 0.85  # five landmarks see rather more turn than there is
_ABOVE_EYES = 0.8  # up to the brows and a little of the forehead
_BELOW_MOUTH = 0.9  # down to the chin, not over its edge
_JAW = 0.3  # how much narrower than an ellipse the face is at the chin
_EYES_TO_MOUTH = 1.08  # of a frontal face: what the eye distance is compared with
_FEATHER = 0.16  # share of the radius over which the mask rises from 0 to 1
_BORDER = 0.06  # share of the crop over which a mask that reaches its border fades


def tight_mask(
    landmarks: Float[np.ndarray, "5 2"], size: int, yaw: float
) -> Float32[np.ndarray, "size size"]:
    """Cover the brows, cheeks and chin of one face, and no background.

    The head is seen as a cylinder: as it turns, the side that goes away narrows and the one that
    comes nearer widens, so that the mask stays inside the silhouette.

    Args:
        landmarks: Right eye, left eye, nose, right mouth corner, left mouth corner; crop pixels.
        size: Side of the square crop, pixels.
        yaw: Turn of the head in degrees, > 0 to the viewer's right (`quality.pose`).

    Returns:
        Weights in 0..1, feathered towards the edge.

    Example:
        >>> points = np.array([[44, 50], [84, 50], [64, 72], [48, 94], [80, 94]], np.float32)
        >>> mask = tight_mask(points, 128, 0.0)
        >>> float(mask[70, 64]), float(mask[70, 4])
        (1.0, 0.0)
    """
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    down, across = _axes(landmarks)
    length = float((mouth - eyes) @ down)
    apart = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    unit = max(apart, length / _EYES_TO_MOUTH, 1e-3)
    left, right = _half_widths(yaw)
    column, row = (np.arange(size, dtype=np.float32)[:, None] - eyes.astype(np.float32)).T
    x = column * across[0] + row[:, None] * across[1]
    y = column * down[0] + row[:, None] * down[1] - 0.4 * length
    above, below = 0.4 * length + _ABOVE_EYES * unit, 0.6 * length + _BELOW_MOUTH * unit
    wide = np.where(x < 0, left, right) * unit
    wide = wide * (1 - _JAW * np.clip(y / below, 0, 1))
    face = _feathered(np.abs(x) / wide, np.abs(y) / np.where(y < 0, above, below))
    return np.asarray(face * border_fade(size))


def ellipse_mask(size: int) -> Float32[np.ndarray, "size size"]:
    """Cover the middle of the crop, whatever is in it: the wide choice.

    Args:
        size: Side of the square crop, pixels.

    Returns:
        Weights in 0..1, 0 on the border.
    """
    across = np.abs(np.linspace(-1, 1, size, dtype=np.float32))
    return _feathered(across[None, :] / 0.9, across[:, None] / 0.97)


def border_fade(size: int) -> Float32[np.ndarray, "size size"]:
    """1 in a square crop, falling to 0 on its border, so that no mask ends in an edge there."""
    place = np.arange(size, dtype=np.float32)
    edge = np.clip(np.minimum(place, size - 1 - place) / (_BORDER * size), 0, 1)
    return np.minimum(edge[:, None], edge[None, :])


def _axes(
    landmarks: Float[np.ndarray, "5 2"],
) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]:
    """Unit vectors down the face and across it, to the viewer's right."""
    down = landmarks[3:].mean(0) - landmarks[:2].mean(0)
    length = float(np.linalg.norm(down))
    down = down / length if length > 0 else np.array([0, 1], landmarks.dtype)
    return down, np.array([down[1], -down[0]], down.dtype)


def _half_widths(yaw: float) -> tuple[float, float]:
    """Widths to the viewer's left and right of the midline, in frontal eye distances."""
    turn = _TURN * np.deg2rad(min(abs(yaw), 60.0))
    away = _HEAD_RADIUS * float(np.sin(min(_HALF_ARC + turn, np.pi / 2)) - np.sin(turn))
    nearer = _HEAD_RADIUS * float(np.sin(turn) + np.sin(_HALF_ARC - turn))
    return (nearer, away) if yaw > 0 else (away, nearer)


def _feathered(
    x: Float[np.ndarray, "*#shape"], y: Float[np.ndarray, "*#shape"]
) -> Float32[np.ndarray, "h w"]:
    """Fall from 1 inside to 0 on the unit ellipse, smoothly at both ends."""
    radius = np.sqrt(x * x + y * y)
    rise = np.clip((1 - radius) / _FEATHER, 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)
