"""Reinhard colour transfer (rct): mean and spread of each CIELAB channel."""

import cv2
import numpy as np
from jaxtyping import Float, Float32


def reinhard(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Match mean and spread of each CIELAB channel inside the mask to the reference's.

    Reinhard et al., "Color transfer between images", 2001; the face swappers' "rct".

    Args:
        image: RGB, 0..1, what is recoloured (all of it).
        reference: RGB, 0..1, where the colours come from.
        mask: Weights >= 0 of the pixels whose statistics count, for both pictures.

    Returns:
        RGB, 0..1. The image unchanged where the mask is empty.

    Example:
        >>> grey, red = np.full((2, 2, 3), 0.5, np.float32), np.zeros((2, 2, 3), np.float32)
        >>> red[..., 0] = 1
        >>> reinhard(grey, red, np.ones((2, 2)))[0, 0].round(2).tolist()
        [1.0, 0.0, 0.0]
    """
    if not mask.any():
        return image
    lab, wanted = _lab(image), _lab(reference)
    mean, spread = _statistics(lab, mask)
    target_mean, target_spread = _statistics(wanted, mask)
    moved = (lab - mean) * (target_spread / np.maximum(spread, 1e-3)) + target_mean
    rgb = cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(rgb, 0, 1), np.float32)


def _lab(image: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)


def _statistics(
    lab: Float32[np.ndarray, "h w 3"], mask: Float[np.ndarray, "h w"]
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Weighted mean and standard deviation of each channel."""
    inside = mask > 0
    pixels, weights = lab[inside], mask[inside] / mask[inside].sum()
    mean = weights @ pixels
    return mean, np.sqrt(weights @ (pixels - mean) ** 2)
