"""The outline of a face from dense landmarks: their convex hull."""

import cv2
import numpy as np
from jaxtyping import Float, Float32

# Of dlib's 68 points: the brows, and of each eye the corners and the upper lid below them.
_BROWS = ((slice(17, 22), slice(36, 40)), (slice(22, 27), slice(42, 46)))
_FINE = 4  # times finer than the crop the outline is drawn
_FRACTION = 4  # bits of such a pixel its corners are told to


def hull_mask(
    dense: Float[np.ndarray, "n 2"], size: int, raise_brows: float = 0.5
) -> Float32[np.ndarray, "size size"]:
    """Cover the convex hull of the landmarks.

    Args:
        dense: dlib's 68, or any others; crop pixels.
        size: Side of the square crop, pixels.
        raise_brows: How far the brows of 68 points are lifted, in distances from the eyes
            (DeepFaceLab: .5), since nothing marks the forehead; the mesh of MediaPipe covers it.

    Returns:
        Weights in 0..1, 1 inside; the edge is one pixel wide.

    Example:
        >>> square = np.array([[10.0, 10], [30, 10], [30, 30], [10, 30], [20, 20]])
        >>> mask = hull_mask(square, 40)
        >>> float(mask[20, 12]), float(mask[20, 6])
        (1.0, 0.0)
    """
    points = _raised(dense, raise_brows) if len(dense) == 68 else dense
    return filled(points, size)


def filled(points: Float[np.ndarray, "n 2"], size: int) -> Float32[np.ndarray, "size size"]:
    """Draw the convex hull of points in crop pixels, 1 inside and 0 outside."""
    # finer than the crop and reduced, since OpenCV's own smooth edges lie too far out
    places = (points.astype(np.float64) + 0.5) * _FINE - 0.5
    corners = np.rint(places * 2**_FRACTION).astype(np.int32)
    drawn = np.zeros((size * _FINE, size * _FINE), np.uint8)
    cv2.fillConvexPoly(drawn, cv2.convexHull(corners), 255, shift=_FRACTION)
    reduced = cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA)
    return reduced.astype(np.float32) / 255


def _raised(dense: Float[np.ndarray, "68 2"], share: float) -> Float[np.ndarray, "68 2"]:
    raised = dense.copy()
    for brow, eye in _BROWS:
        raised[brow] += share * (dense[brow].mean(0) - dense[eye].mean(0))
    return raised
