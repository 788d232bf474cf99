"""Alpha blending."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8


def feathered(
    region: UInt8[np.ndarray, "h w 3"],
    face: Float32[np.ndarray, "h w 3"],
    opacity: Float32[np.ndarray, "h w"],
) -> UInt8[np.ndarray, "h w 3"]:
    """Mix both by the opacity; as soft as the mask is.

    Arguments and result are those of `Blend`.

    >>> grey, white = np.full((1, 1, 3), 100, np.uint8), np.ones((1, 1, 3), np.float32)
    >>> feathered(grey, white, np.full((1, 1), 0.2, np.float32)).ravel().tolist()
    [131, 131, 131]
    """
    # copied out: numpy takes twice as long where it widens one of three channels for each
    below, weight = region.astype(np.float32), cv2.merge((opacity,) * 3)
    mixed = weight * (255 * face - below) + below
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
