"""Images of 256 levels and of floating-point values, handled by the same code."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Num, Shaped, UInt8

from facsimile.degradations.protocol import Image

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.float32): 1.0}


def white(image: Shaped[np.ndarray, "..."]) -> float:
    """The value of white: 255 for uint8, 1 for float32.

    Raises:
        ValueError: It is no RGB image (h w 3) of one of these types.

    >>> white(np.zeros((4, 4, 3), np.uint8))
    255.0
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in _WHITE:
        raise ValueError(
            f"degradations take RGB images (h w 3), uint8 or float32 in 0..1, not {image.shape} "
            f"{image.dtype}: repeat a grey image three times, and keep alpha apart"
        )
    return _WHITE[image.dtype]


def like(image: Image, values: Num[np.ndarray, "h w 3"]) -> Image:
    """Values as an image of the type of `image`: clipped, and rounded where that is uint8.

    Args:
        image: Gives the type.
        values: On its scale: 0..255 or 0..1.
    """
    if values.dtype == np.uint8 == image.dtype:
        return values
    if image.dtype == np.uint8:
        values = np.rint(values)
    return np.asarray(np.clip(values, 0, white(image)), image.dtype)


def in_bytes(
    image: Image, code: Callable[[UInt8[np.ndarray, "h w 3"]], UInt8[np.ndarray, "h w 3"]]
) -> Image:
    """Pass an image through something that has 256 levels only."""
    white(image)
    if image.dtype == np.uint8:
        return code(image)
    levels = np.asarray(np.rint(np.clip(image, 0, 1) * 255), np.uint8)
    return np.asarray(code(levels) / 255, np.float32)
