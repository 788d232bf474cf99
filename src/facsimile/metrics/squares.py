"""Sums of squares over the pixels that count: exact for bytes, without copies as floats."""

import cv2
import numpy as np
from jaxtyping import Bool, Real

Where = Bool[np.ndarray, "h w"]


def squares(image: Real[np.ndarray, "*shape"], where: Where | None = None) -> float:
    """Sum of the squared values.

    Args:
        image: Any numbers.
        where: Which pixels of an h x w (x c) image count; None for all values.

    Example:
        >>> squares(np.array([[3, 4]], np.uint8))
        25.0
    """
    if image.dtype == np.uint8:
        picture, mask = _for_opencv(image, where)
        return _whole(cv2.norm(picture, cv2.NORM_L2SQR, mask))
    counted = image if where is None else image[where]
    return float(np.square(counted.astype(np.float64)).sum())


def squared_error(
    preds: Real[np.ndarray, "*shape"],
    target: Real[np.ndarray, "*shape"],
    where: Where | None = None,
) -> float:
    """Sum of the squared differences of two images of one shape; `where` as in `squares`.

    Raises ValueError where the shapes differ.

    >>> squared_error(np.array([0, 255], np.uint8), np.array([1, 255], np.uint8))
    1.0
    """
    if preds.shape != target.shape:
        raise ValueError(f"images of one shape are needed: {preds.shape} and {target.shape}")
    if preds.dtype == target.dtype == np.uint8:
        (one, mask), (other, _) = _for_opencv(preds, where), _for_opencv(target, where)
        return _whole(cv2.norm(one, other, cv2.NORM_L2SQR, mask))
    one, other = (image if where is None else image[where] for image in (preds, target))
    return float(np.square(one.astype(np.float64) - other.astype(np.float64)).sum())


def counted(image: Real[np.ndarray, "*shape"], where: Where | None = None) -> int:
    """How many values count.

    Raises ValueError where none does.
    """
    values = image.size if where is None else int(np.count_nonzero(where)) * image[0, 0].size
    if not values:
        raise ValueError("no pixel counts: an empty image, or an empty region")
    return values


def _for_opencv(
    image: np.ndarray, where: Where | None
) -> tuple[np.ndarray, Real[np.ndarray, "h w"] | None]:
    """An image and mask that OpenCV takes: it knows no more than two dimensions and channels."""
    if where is None:
        return image.reshape(len(image), -1) if image.ndim > 1 else image, None
    return image, where.view(np.uint8)


def _whole(norm: float) -> float:
    """A sum of whole numbers, of which OpenCV takes the root and squares it again."""
    return float(round(norm))
