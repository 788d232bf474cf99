"""Reinhard colour transfer (rct): mean and spread of each CIELAB channel."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, Int


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
    inside = np.flatnonzero(mask)
    weights = mask.ravel()[inside] / mask.ravel()[inside].sum()
    lab, wanted = _lab(image), _lab(reference)
    mean, spread = _statistics(lab, inside, weights)
    target_mean, target_spread = _statistics(wanted, inside, weights)
    moved = _moved(lab, mean, target_spread / np.maximum(spread, 1e-3), target_mean)
    rgb = cv2.cvtColor(moved, cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(rgb, 0, 1), np.float32)


def _lab(image: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)


def _statistics(
    lab: Float32[np.ndarray, "h w 3"],
    inside: Int[np.ndarray, " n"],
    weights: Float[np.ndarray, " n"],
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Weighted mean and standard deviation of each channel."""
    pixels = lab.reshape(-1, 3)[inside]
    mean = weights @ pixels
    return mean, np.sqrt(weights @ (pixels - mean) ** 2)


def _moved(
    lab: Float32[np.ndarray, "h w 3"],
    mean: Float[np.ndarray, "3"],
    gain: Float[np.ndarray, "3"],
    target: Float[np.ndarray, "3"],
) -> Float32[np.ndarray, "h w 3"]:
    """(lab - mean) gain + target, by whole rows: numpy takes four times as long over triples."""
    rows = lab.reshape(len(lab), -1)
    mean, gain, target = (np.tile(each, lab.shape[1]) for each in (mean, gain, target))
    return np.asarray(((rows - mean) * gain + target).reshape(lab.shape), np.float32)
