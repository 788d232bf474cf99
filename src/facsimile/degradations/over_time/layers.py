"""Layers over a frame: what is drawn on it, and how much of it is seen."""

import cv2
import numpy as np
from jaxtyping import Float, Float32

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image

#: Cameras and mixers blend the values as they are, without gamma.
Colour = tuple[float, float, float]  # RGB, 0..1
Alpha = Float32[np.ndarray, "h w"]  # 0 nothing, 1 all of it
_FINE = 4  # bits of a pixel's fraction that OpenCV draws with


def over(image: Image, colour: Float[np.ndarray, "..."], alpha: Alpha) -> Image:
    """Blend a layer over a frame.

    Args:
        image: The frame.
        colour: Of the layer, 0..1: one for all of it (3), or of each pixel (h w 3).
        alpha: How much of the layer is seen.
    """
    seen = alpha[..., None]
    layer = np.asarray(colour, np.float32) * np.float32(white(image))
    return like(image, image * (1 - seen) + layer * seen)


def fill(layer: np.ndarray, points: Float[np.ndarray, "n 2"], value: float | Colour) -> None:
    """Fill a convex polygon in place, its edges smooth.

    Args:
        layer: (h w) or (h w 3), uint8.
        points: x, y in pixels.
        value: 0..1.
    """
    corners = np.rint(points * 2**_FINE).astype(np.int32)
    cv2.fillConvexPoly(layer, corners, _levels(value), cv2.LINE_AA, _FINE)


def _levels(value: float | Colour) -> tuple[float, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(255 * one for one in values)
