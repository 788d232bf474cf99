"""Monge-Kantorovich linear colour transfer (mkl): the cheapest linear map."""

import numpy as np
from jaxtyping import Float, Float32

from facsimile.filters.colour.covariance import mapped, moments, root


def monge_kantorovich(
    image: Float32[np.ndarray, "h w 3"],
    reference: Float32[np.ndarray, "h w 3"],
    mask: Float[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Match mean and covariance by the linear map that moves colours least.

    Pitie and Kokaram, "The linear Monge-Kantorovitch linear colour mapping for example-based colour
    transfer", 2007, equation 15. Arguments and result are those of `ColourTransfer`.
    """
    if not mask.any():
        return image
    mean, covariance = moments(image, mask)
    new_mean, wanted = moments(reference, mask)
    half = root(covariance)
    back = np.linalg.inv(half)
    return mapped(image, back @ root(half @ wanted @ half) @ back, mean, new_mean)
