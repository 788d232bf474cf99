"""Contrast limited adaptive histogram equalisation."""

import cv2
import numpy as np
from jaxtyping import UInt8


def clahe(
    image: UInt8[np.ndarray, "h w 3"], clip_limit: float = 2.0, tiles: int = 8
) -> UInt8[np.ndarray, "h w 3"]:
    """Equalise the lightness (CIELAB's L) of each of `tiles` x `tiles` parts.

    `clip_limit` bounds the slope of the mapping, in multiples of an even histogram's height; 0
    sets no bound. Mappings are interpolated between tiles. Raises ValueError for a negative limit
    or no tile. Source: Zuiderveld, Graphics Gems IV, 1994.

    >>> grey = np.full((16, 16, 3), 100, np.uint8)
    >>> clahe(grey).shape
    (16, 16, 3)
    """
    if clip_limit < 0 or tiles < 1:
        raise ValueError(f"a limit of 0 or more and a tile are needed: {clip_limit}, {tiles}")
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clip_limit, (tiles, tiles)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
