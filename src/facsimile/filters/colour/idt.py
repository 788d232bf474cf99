"""Iterative distribution transfer (idt): histograms along the axes of random rotations."""

import numpy as np
from jaxtyping import Float, Float32
from scipy.stats import special_ortho_group

from facsimile.filters.colour.transport import transport


def iterative_transfer(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
    rotations: int = 10,
    seed: int = 0,
) -> Float32[np.ndarray, "h w 3"]:
    """Match the whole distribution of colours, one rotation of the axes after the other.

    Pitie, Kokaram and Dahyot, "N-dimensional probability density function transfer", 2005;
    without their second step against grain.

    Args:
        image: As in `ColourTransfer`, like the result.
        reference: As there.
        mask: As there.
        rotations: How many; the first leaves the axes as they are.
        seed: Of the rotations, which are the same for every picture.
    """
    if not mask.any():
        return image
    weights, rng = mask.ravel(), np.random.default_rng(seed)
    colours = image.reshape(-1, 3).astype(np.float64)
    wanted = reference.reshape(-1, 3).astype(np.float64)
    for step in range(rotations):
        turn = np.eye(3) if step == 0 else special_ortho_group.rvs(3, random_state=rng)
        one, other = (colours @ turn).T, (wanted @ turn).T
        moved = [transport(*pair, weights) for pair in zip(one, other, strict=True)]
        colours = np.stack(moved, -1) @ turn.T
    return np.asarray(np.clip(colours.reshape(image.shape), 0, 1), np.float32)
