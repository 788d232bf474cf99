"""The edge of a mask, moved and softened by shares of the crop's side."""

import cv2
import numpy as np
from jaxtyping import Float32


def eroded(mask: Float32[np.ndarray, "s s"], share: float) -> Float32[np.ndarray, "s s"]:
    """Move the edge inwards by a share of the side, outwards if it is below 0.

    Each weight becomes the least (the greatest) within a disc; what lies outside of the crop is
    taken to be like its border.

    >>> mask = np.zeros((20, 20), np.float32)
    >>> mask[5:15, 5:15] = 1
    >>> int(eroded(mask, 0.1).sum()), int(eroded(mask, 0.0).sum())
    (36, 100)
    """
    radius = round(abs(share) * len(mask))
    if radius == 0:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    change = cv2.erode if share > 0 else cv2.dilate
    return np.asarray(change(mask, disc), np.float32)


def blurred(mask: Float32[np.ndarray, "s s"], share: float) -> Float32[np.ndarray, "s s"]:
    """Smooth by a Gaussian whose standard deviation is a share of the side; 0 leaves the mask."""
    sigma = share * len(mask)
    if sigma <= 0:
        return mask
    soft = cv2.GaussianBlur(mask, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(np.clip(soft, 0, 1), np.float32)
