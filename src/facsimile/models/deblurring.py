"""How strongly to weigh bands of detail: what undoes a blur, and what tells how wide it was.

Both follow from the spectrum of photographs of faces, whose amplitude falls about with the square
of frequency, so that a net need not begin by learning them.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from facsimile.models.detail_bands import kernels

_FREQUENCIES = 64  # from 0 to half the sampling rate, on each axis
_BALANCE = 3e-4  # noise to signal, as filters/wiener.py has it
_UNSEEN = 1e-2  # weight of frequencies that no blurred photograph holds, so that none explodes
_STEADY = 1e-6  # ridge: without it, weights of thousands cancel, and float32 shows
_SHARPEST = 0.45  # px: sigma of what a camera's lens and its pixels blur themselves
_NOISE = 1e-5  # its share of the power, spread evenly: rounding to 8 bits


def undoing_weights(
    sigmas: Sequence[float], widths: Sequence[float]
) -> Float[np.ndarray, "widths bands"]:
    """Weights of bands whose sum, added to an image, undoes a Gaussian blur of each width.

    They come close to the Wiener filter H / (H^2 + balance L^2), L being the Laplacian's
    response, where a blurred photograph has power. A flat image stays as it is.

    Args:
        sigmas: Of the bands, as `DetailBands` takes them, pixels.
        widths: Sigmas of the blurs to undo, pixels.

    >>> undoing_weights((0.5, 1.0, 2.0), (1.0, 1.5)).shape
    (2, 3)
    """
    rows, columns = _grid()
    bands = _responses(sigmas).reshape(len(sigmas), -1).T
    amplitude = 1 / (rows**2 + columns**2)
    laplacian = 4 - 2 * np.cos(rows) - 2 * np.cos(columns)
    weights = []
    for width in widths:
        blur = np.exp(-(width**2) * (rows**2 + columns**2) / 2)
        wanted = blur / (blur**2 + _BALANCE * laplacian**2) - 1
        seen = np.hypot(blur * amplitude, _UNSEEN).ravel()
        weights.append(_least_squares(bands * seen[:, None], wanted.ravel() * seen, _STEADY))
    return np.asarray(weights)


def width_weights(
    sigmas: Sequence[float], widths: Sequence[float]
) -> tuple[Float[np.ndarray, " bands"], float]:
    """Weights and offset that tell from the logarithms of bands' powers how wide a blur was.

    The result counts in `widths`: 0 is no blur, 1 the first width, 1.5 halfway to the second.
    The weights sum to 0, so that contrast does not matter.

    >>> weights, offset = width_weights((0.5, 1.0, 2.0), (1.0, 1.5))
    >>> round(abs(float(weights.sum())), 6)
    0.0
    """
    rows, columns = _grid()
    squared = rows**2 + columns**2
    sharp = 1 / squared**2
    tried = np.linspace(0, max(widths), 35)
    logs = []
    for width in tried:
        held = sharp * np.exp(-(max(width, _SHARPEST) ** 2) * squared) + _NOISE * sharp.mean()
        logs.append(np.log((_responses(sigmas) ** 2 * held).sum((1, 2))))
    wanted = np.interp(tried, (0, *widths), range(len(widths) + 1))
    features = np.asarray(logs)
    middle = features.mean(0)
    apart = np.eye(len(sigmas)) - 1 / len(sigmas)
    weights = apart @ _least_squares((features - middle) @ apart, wanted - wanted.mean(), 3.0)
    return weights, float(wanted.mean() - middle @ weights)


def _grid() -> tuple[Float[np.ndarray, "n 1"], Float[np.ndarray, "1 n"]]:
    frequencies = (np.arange(_FREQUENCIES) + 0.5) * np.pi / _FREQUENCIES
    return frequencies[:, None], frequencies[None]


def _responses(sigmas: Sequence[float]) -> Float[np.ndarray, "bands n n"]:
    """What each band keeps of each frequency."""
    passed = [np.ones((_FREQUENCIES, _FREQUENCIES))]
    for taps in kernels(sigmas):
        places = np.arange(len(taps)) - len(taps) // 2
        of_axis = np.cos(_grid()[0] * places) @ taps.double().numpy()
        passed.append(passed[-1] * np.outer(of_axis, of_axis))
    return -np.diff(np.asarray(passed), axis=0)


def _least_squares(
    of: Float[np.ndarray, "m n"], wanted: Float[np.ndarray, " m"], ridge: float
) -> Float[np.ndarray, " n"]:
    return np.asarray(np.linalg.solve(of.T @ of + ridge * np.eye(of.shape[1]), of.T @ wanted))
