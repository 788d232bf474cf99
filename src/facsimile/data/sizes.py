"""Images brought to the size that a training wants."""

import cv2
import numpy as np
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "_ _ 3"]


def stretched(image: Image, size: int) -> Image:
    """Return the image as a square, stretched bilinearly, as Keras reads pictures.

    >>> stretched(np.zeros((112, 92, 3), np.uint8), 256).shape
    (256, 256, 3)
    """
    return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)


def shrunk(image: Image, scale: int) -> Image:
    """Return the means of squares of `scale` x `scale` pixels: how a coarser sensor sees it.

    Raises:
        ValueError: A side is no multiple of `scale`.

    >>> shrunk(np.array([[0, 10], [20, 50]], np.uint8)[..., None].repeat(3, 2), 2).tolist()
    [[[20, 20, 20]]]
    """
    height, width = image.shape[:2]
    if height % scale or width % scale:
        raise ValueError(f"{width}x{height} pixels do not shrink to a {scale}th: an uneven side")
    if scale == 1:
        return image
    small = (width // scale, height // scale)
    return np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)


def at_least(image: Image, size: int) -> Image:
    """Return the image with sides of `size` pixels or more, reflected below and on the right."""
    bottom, right = (max(0, size - side) for side in image.shape[:2])
    return np.asarray(
        cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101), np.uint8
    )


def middle(image: Image, size: int) -> Image:
    """Return the square of `size` pixels in an image's middle, see `at_least`.

    >>> middle(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), 1).tolist()
    [[[0, 1, 2]]]
    """
    image = at_least(image, size)
    top, left = ((side - size) // 2 for side in image.shape[:2])
    return np.ascontiguousarray(image[top : top + size, left : left + size])


def squared(image: Image, size: int) -> Image:
    """Return the largest square in an image's middle, brought to a side of `size` pixels.

    What has that size already keeps its pixels; the rest is averaged over areas when it shrinks,
    and interpolated bilinearly when it grows.

    >>> squared(np.zeros((112, 92, 3), np.uint8), 128).shape
    (128, 128, 3)
    """
    image = middle(image, min(image.shape[:2]))
    if len(image) == size:
        return image
    how = cv2.INTER_AREA if len(image) > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size, size), interpolation=how), np.uint8)
