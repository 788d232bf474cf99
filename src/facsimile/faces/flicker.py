"""How much a face trembles from frame to frame: second differences over time."""

import numpy as np
from jaxtyping import Float, Real


def jitter(landmarks: Float[np.ndarray, "t n 2"]) -> float:
    """Mean length of the landmarks' second difference over time, in eye distances.

    Even motion counts nothing, trembling counts all.

    Args:
        landmarks: Of successive frames, eyes first; NaN where there was no face. Three frames in
            a row with one are needed for a value.

    Returns:
        NaN where there are no such three.

    Example:
        >>> still = np.tile([[0.0, 0], [10, 0]], (4, 1, 1))
        >>> even = still + np.arange(4)[:, None, None]
        >>> jitter(still), jitter(even)
        (0.0, 0.0)
    """
    bends = np.linalg.norm(np.diff(landmarks.astype(np.float64), 2, axis=0), axis=2).mean(1)
    eyes = np.linalg.norm(landmarks[1:-1, 1] - landmarks[1:-1, 0], axis=1)
    return _mean(bends / np.maximum(eyes, 1e-9))


def flicker(pictures: Real[np.ndarray, "t h w *c"]) -> float:
    """Mean size of the second difference of each pixel over time, in the pictures' own levels.

    Args:
        pictures: Successive aligned faces.

    Returns:
        NaN for fewer than three.

    Example:
        >>> flicker(np.array([0, 10, 0], np.uint8).reshape(3, 1, 1))
        20.0
    """
    first, second, third = pictures[:-2], pictures[1:-1], pictures[2:]
    bends = [
        np.abs(one.astype(np.float32) - 2 * two.astype(np.float32) + three).mean()
        for one, two, three in zip(first, second, third, strict=True)
    ]
    return _mean(np.array(bends, np.float64))


def _mean(values: Float[np.ndarray, " t"]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
