"""Sliced optimal transport (sot): colours drift along random lines."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, Float64

from facsimile.filters.colour.transport import transport


def sliced_transport(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
    steps: int = 10,
    slices: int = 5,
    smooth: float = 0.0,
    seed: int = 0,
) -> Float32[np.ndarray, "h w 3"]:
    """Match the whole distribution of colours by the mean of one-dimensional transports.

    Rabin, Peyre, Delon and Bernot, "Wasserstein barycenter and its application to texture mixing",
    2011, equation 11; the smoothing follows Rabin, Delon and Gousseau, "Removing artefacts from
    color and contrast modifications", 2011, with a plain Gaussian.

    Args:
        image: As in `ColourTransfer`, like the result.
        reference: As there.
        mask: As there.
        steps: How often the colours drift.
        slices: Random lines whose transports are averaged in a step.
        smooth: Standard deviation, in pixels, of the Gaussian that smooths the change of colour
            over the picture, which keeps its grain; 0 is none.
        seed: Of the lines, which are the same for every picture.
    """
    if not mask.any():
        return image
    weights, rng = mask.ravel(), np.random.default_rng(seed)
    start = image.reshape(-1, 3).astype(np.float64)
    colours, wanted = start, reference.reshape(-1, 3).astype(np.float64)
    for _ in range(steps):
        lines = rng.standard_normal((slices, 3))
        lines /= np.linalg.norm(lines, axis=1, keepdims=True)
        colours = colours + sum(_drift(colours, wanted, weights, line) for line in lines) / slices
    change = (colours - start).reshape(image.shape)
    if smooth > 0:
        change = np.asarray(cv2.GaussianBlur(change, (0, 0), smooth))
    return np.asarray(np.clip(image + change, 0, 1), np.float32)


def _drift(
    colours: Float64[np.ndarray, "n 3"],
    wanted: Float64[np.ndarray, "n 3"],
    weights: Float[np.ndarray, " n"],
    line: Float64[np.ndarray, "3"],
) -> Float64[np.ndarray, "n 3"]:
    """How each colour moves along one line."""
    along = colours @ line
    return np.outer(transport(along, wanted @ line, weights) - along, line)
