"""Collaborative filtering: shrinking the spectra of groups of alike blocks."""

import cv2
import numpy as np
from jaxtyping import Float, Int
from scipy.fft import dct
from scipy.linalg import hadamard

BLOCK = 8
WINDOW = np.outer(np.kaiser(BLOCK, 2.0), np.kaiser(BLOCK, 2.0)).astype(np.float32)
COSINES = dct(np.eye(BLOCK, dtype=np.float32), axis=0, norm="ortho")
# Both directions of a block's 64 pixels at once: one large product instead of many small ones.
DCT = np.kron(COSINES, COSINES)


class Estimate:
    """The weighted mean of all that overlapping blocks say about an image's pixels."""

    def __init__(self, height: int, width: int, channels: int) -> None:
        self.shape = (height, width)
        self.sums = np.zeros((channels, height * width))
        self.weights = np.zeros((channels, height * width))

    def add(
        self,
        blocks: Float[np.ndarray, "n m c 8 8"],
        weights: Float[np.ndarray, "n c"],
        places: Int[np.ndarray, "n m 2"],
    ) -> None:
        """Add groups of blocks, one weight a group and channel, at their places."""
        corner = places[..., 0] * self.shape[1] + places[..., 1]
        inside = np.arange(BLOCK)[:, None] * self.shape[1] + np.arange(BLOCK)
        pixels = (corner[..., None, None] + inside).ravel()
        size = self.sums.shape[1]
        weighted = blocks * WINDOW * weights[:, None, :, None, None]
        for channel, weight in enumerate(weights.T):
            values = np.ascontiguousarray(weighted[:, :, channel]).ravel()
            self.sums[channel] += np.bincount(pixels, values, size)
            shared = np.repeat(weight, places.shape[1])
            self.weights[channel] += np.bincount(corner.ravel(), shared, size)

    def mean(self) -> Float[np.ndarray, "h w c"]:
        """The image; every pixel must lie in some block."""
        # Weights stand at the blocks' corners: spread over the blocks' window, all at once.
        spread = [
            cv2.filter2D(
                weights.reshape(self.shape),
                -1,
                np.flip(WINDOW.astype(np.float64)),
                anchor=(BLOCK - 1, BLOCK - 1),
                borderType=cv2.BORDER_CONSTANT,
            )
            for weights in self.weights
        ]
        return (self.sums.reshape(-1, *self.shape) / np.stack(spread)).transpose(1, 2, 0)


def hard_threshold(
    noisy: Float[np.ndarray, "n m c 8 8"], threshold: float
) -> tuple[Float[np.ndarray, "n m c 8 8"], Float[np.ndarray, "n c"]]:
    """Drop the coefficients of each group that are below the threshold.

    Returns the blocks and the weights of their groups: one over the coefficients left.
    """
    spectrum = _transform(noisy)
    spectrum[np.abs(spectrum) <= threshold] = 0
    kept = np.count_nonzero(spectrum, axis=(1, 3, 4))
    return _inverse(spectrum), 1 / np.maximum(kept, 1)


def wiener_shrink(
    noisy: Float[np.ndarray, "n m c 8 8"], pilot: Float[np.ndarray, "n m c 8 8"], sigma: float
) -> tuple[Float[np.ndarray, "n m c 8 8"], Float[np.ndarray, "n c"]]:
    """Scale the coefficients by what the pilot says is signal in them.

    Returns the blocks and the weights of their groups: one over the gains' energy.
    """
    power = np.square(_transform(pilot))
    gains = power / (power + np.float32(sigma**2))
    energy = np.square(gains).sum(axis=(1, 3, 4))
    return _inverse(_transform(noisy) * gains), 1 / np.maximum(energy, 1e-6)


def _transform(blocks: Float[np.ndarray, "n m c 8 8"]) -> Float[np.ndarray, "n m c 8 8"]:
    spectrum = blocks.reshape(-1, BLOCK**2) @ DCT.T
    return _along_groups(spectrum.reshape(blocks.shape))


def _inverse(spectrum: Float[np.ndarray, "n m c 8 8"]) -> Float[np.ndarray, "n m c 8 8"]:
    blocks = _along_groups(spectrum).reshape(-1, BLOCK**2) @ DCT
    return np.asarray(blocks.reshape(spectrum.shape))


def _along_groups(blocks: Float[np.ndarray, "n m c 8 8"]) -> Float[np.ndarray, "n m c 8 8"]:
    """Walsh-Hadamard transform of the blocks of each group; it is its own inverse."""
    count = blocks.shape[1]
    matrix = hadamard(count).astype(np.float32) / np.float32(np.sqrt(count))
    mixed = matrix @ blocks.reshape(len(blocks), count, -1)
    return np.asarray(mixed.reshape(blocks.shape))
