"""Wiener deconvolution of a Gaussian blur."""

import numpy as np
from jaxtyping import Float, UInt8
from scipy.fft import dctn, idctn

from facsimile.filters.blur_width import estimate_blur

# Of 200 validation faces none looks wider than 1.01 as it is, and few narrower than 1.4 once they
# are blurred by 1.5: halfway, the fewest are taken for what they are not.
SHARP, WIDEST = 1.2, 8.0


def wiener(
    image: UInt8[np.ndarray, "h w 3"], balance: float = 3e-4, sigma: float | None = None
) -> UInt8[np.ndarray, "h w 3"]:
    """Undo a Gaussian blur of `sigma` pixels, each channel by itself.

    The spectrum is multiplied by H / (H^2 + balance L^2), H being the blur's and L the
    Laplacian's: `balance` is the ratio of noise to signal, where the signal's amplitude falls
    with the square of frequency, as that of photographs about does (Hunt 1973; the regularised
    form of skimage.restoration.wiener). A `sigma` of None is estimated; an image that comes out
    below 1.2 pixels counts as sharp, one without edges as flat, and both are copied.

    The image goes on mirrored beyond its border (the cosine transform does that), so that
    nothing rings there. Raises ValueError for a balance that is not positive, a sigma below 0,
    or a side of 1 pixel.

    >>> grey = np.full((9, 9, 3), 120, np.uint8)
    >>> bool((wiener(grey, sigma=2.0) == 120).all())
    True
    """
    if balance <= 0 or (sigma is not None and sigma < 0) or min(image.shape[:2]) < 2:
        raise ValueError(f"balance {balance}, sigma {sigma} or size {image.shape[:2]} is too small")
    width = _estimate(image) if sigma is None else sigma
    if width == 0:
        return image.copy()
    inverse = _inverse(image.shape[0], image.shape[1], width, balance)
    spectrum = dctn(image.astype(np.float32), type=1, axes=(0, 1)) * inverse[..., None]
    sharp = idctn(spectrum, type=1, axes=(0, 1))
    return np.asarray(np.clip(np.rint(sharp), 0, 255), np.uint8)


def _estimate(image: UInt8[np.ndarray, "h w 3"]) -> float:
    width = estimate_blur(image)
    return width if SHARP <= width <= WIDEST else 0.0


def _inverse(height: int, width: int, sigma: float, balance: float) -> Float[np.ndarray, "h w"]:
    # mirrored about its outermost pixels, an image of n pixels has a period of 2 (n - 1)
    rows, columns = (np.pi * np.arange(n) / (n - 1) for n in (height, width))
    blur = np.outer(np.exp(-((sigma * rows) ** 2) / 2), np.exp(-((sigma * columns) ** 2) / 2))
    laplacian = 4 - 2 * np.cos(rows)[:, None] - 2 * np.cos(columns)
    return np.asarray(blur / (blur**2 + balance * laplacian**2), np.float32)
