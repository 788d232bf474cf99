"""How far boxes cover each other."""

import numpy as np
from jaxtyping import Float, Float64

Box = tuple[float, float, float, float]


def overlaps(
    boxes: Float[np.ndarray, "n 4"], others: Float[np.ndarray, "m 4"]
) -> Float64[np.ndarray, "n m"]:
    """Intersection over union, 0..1, of each box with each other; boxes are x, y, width, height.

    >>> overlaps(np.array([[0.0, 0, 4, 4]]), np.array([[0.0, 0, 4, 4], [2, 0, 4, 4]])).round(2)
    array([[1.  , 0.33]])
    """
    one, two = np.asarray(boxes, np.float64)[:, None], np.asarray(others, np.float64)[None]
    low = np.maximum(one[..., :2], two[..., :2])
    high = np.minimum(one[..., :2] + one[..., 2:], two[..., :2] + two[..., 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    both = one[..., 2:].prod(-1) + two[..., 2:].prod(-1) - shared
    return np.asarray(shared / np.maximum(both, 1e-9))


def overlap(box: Box, other: Box) -> float:
    """Intersection over union, 0..1, of two boxes; many times as fast as `overlaps` for one pair.

    >>> overlap((0.0, 0.0, 4.0, 4.0), (2.0, 0.0, 4.0, 4.0)).__round__(2)
    0.33
    """
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / max(box[2] * box[3] + other[2] * other[3] - shared, 1e-9)
