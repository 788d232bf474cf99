"""Linear colour transfer (lct): mean and covariance of RGB, by principal axes."""

import numpy as np
from jaxtyping import Float, Float32

from facsimile.filters.colour.covariance import mapped, moments, root


def linear(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Match mean and covariance by whitening and colouring with symmetric roots.

    Hertzmann, "Algorithms for rendering in artistic styles", 2001, appendix A; the face swappers'
    "lct". Arguments and result are those of `ColourTransfer`.
    """
    if not mask.any():
        return image
    mean, covariance = moments(image, mask)
    new_mean, wanted = moments(reference, mask)
    return mapped(image, root(wanted) @ np.linalg.inv(root(covariance)), mean, new_mean)
