"""One swapped face put back into its frame."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.align import invert, transform
from facsimile.rendering.blending.feathered import feathered
from facsimile.rendering.blending.protocol import Blend


def paste(
    frame: UInt8[np.ndarray, "h w 3"],
    face: Float32[np.ndarray, "s s 3"],
    mask: Float32[np.ndarray, "s s"],
    matrix: Float[np.ndarray, "2 3"],
    blend: Blend = feathered,
) -> UInt8[np.ndarray, "h w 3"]:
    """Warp a crop back and blend it over the frame.

    Args:
        frame: RGB.
        face: RGB in 0..1, in crop space.
        mask: Opacity in 0..1, in crop space.
        matrix: Frame pixels to crop pixels.
        blend: Of the face with the part of the frame that it covers.

    Returns:
        A new frame; pixels outside the mask are untouched.
    """
    left, top, right, bottom = _region(matrix, mask.shape[0], frame.shape[1], frame.shape[0])
    result = frame.copy()
    if right <= left or bottom <= top:
        return result
    local = np.array(matrix, np.float64)
    local[:, 2] += local[:, :2] @ (left, top)
    size, flags = (right - left, bottom - top), cv2.WARP_INVERSE_MAP
    colour = cv2.warpAffine(
        face, local, size, flags=flags | cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    opacity = cv2.warpAffine(mask, local, size, flags=flags | cv2.INTER_LINEAR)
    region = np.s_[top:bottom, left:right]
    result[region] = blend(frame[region], colour, opacity)
    return result


def _region(
    matrix: Float[np.ndarray, "2 3"], size: int, width: int, height: int
) -> tuple[int, int, int, int]:
    """The part of the frame that the crop covers: left, top, right, bottom."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
    points = transform(corners, invert(matrix))
    low, high = np.floor(points.min(0)).astype(int), np.ceil(points.max(0)).astype(int)
    return (
        max(int(low[0]), 0),
        max(int(low[1]), 0),
        min(int(high[0]) + 1, width),
        min(int(high[1]) + 1, height),
    )
