"""Histogram matching: the distribution of each channel by itself."""

import numpy as np
from jaxtyping import Float, Float32

from facsimile.filters.colour.transport import transport


def match_histogram(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Match the cumulative histogram of each RGB channel (Gonzalez and Woods, section 3.3).

    Arguments and result are those of `ColourTransfer`.
    """
    if not mask.any():
        return image
    weights = mask.ravel()
    channels = [
        transport(image[..., channel].ravel(), reference[..., channel].ravel(), weights)
        for channel in range(3)
    ]
    matched = np.stack(channels, -1).reshape(image.shape)
    return np.asarray(np.clip(matched, 0, 1), np.float32)
