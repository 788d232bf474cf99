"""Sharpening a face, or making it as sharp as the one it replaces."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float, Float32

from facsimile.filters.unsharp import unsharp_mask

_HALVINGS = 10  # of the range that is searched


@runtime_checkable
class Finish(Protocol):
    """Changes the detail of a new face."""

    def __call__(
        self,
        face: Float32[np.ndarray, "h w 3"],
        target: Float32[np.ndarray, "h w 3"],
        mask: Float[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "h w 3"]:
        """Return the face, RGB in 0..1.

        Args:
            face: RGB, 0..1.
            target: The crop that it covers, RGB in 0..1.
            mask: Weights >= 0 of the pixels that count.
        """
        ...


@dataclass(frozen=True)
class Sharpen:
    """Unsharp masking: out = in + k (in - blur).

    Args:
        k: Gain; 0 leaves the face as it is.
        sigma: Width of the blur, pixels of the crop.
    """

    k: float = 0.0
    sigma: float = 1.0

    def __call__(
        self,
        face: Float32[np.ndarray, "h w 3"],
        target: Float32[np.ndarray, "h w 3"],
        mask: Float[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "h w 3"]:
        """Sharpen, as `Finish` says."""
        if self.k == 0:
            return face
        return np.asarray(np.clip(unsharp_mask(face, self.k, self.sigma), 0, 1))


@dataclass(frozen=True)
class MatchSharpness:
    """Blur a face that is sharper than the target, sharpen one that is less, as far as allowed.

    Both are searched by halving, since sharpness falls with the blur's width and grows with the
    gain.

    Args:
        max_sigma: The strongest blur, pixels of the crop; 0 never blurs.
        max_k: The greatest gain of the unsharp masking; 0 never sharpens.
        sharpen_sigma: Width of the blur it is made with, pixels of the crop.
    """

    max_sigma: float = 4.0
    max_k: float = 0.0
    sharpen_sigma: float = 1.0

    def __call__(
        self,
        face: Float32[np.ndarray, "h w 3"],
        target: Float32[np.ndarray, "h w 3"],
        mask: Float[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "h w 3"]:
        """Match, as `Finish` says."""
        wanted, own = sharpness_inside(target, mask), sharpness_inside(face, mask)
        sharper = own > wanted
        change, most = (self._blurred, self.max_sigma) if sharper else (self._sharper, self.max_k)
        if own == wanted or most == 0:
            return face
        grey = _grey(face)
        amount = _least(
            lambda strength: (sharpness_inside(change(grey, strength), mask) <= wanted) == sharper,
            most,
        )
        return np.asarray(np.clip(change(face, amount), 0, 1))

    def _blurred(
        self, image: Float32[np.ndarray, "h w *c"], sigma: float
    ) -> Float32[np.ndarray, "h w *c"]:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)

    def _sharper(
        self, image: Float32[np.ndarray, "h w *c"], k: float
    ) -> Float32[np.ndarray, "h w *c"]:
        return unsharp_mask(image, k, self.sharpen_sigma)


def sharpness_inside(image: Float32[np.ndarray, "h w *c"], mask: Float[np.ndarray, "h w"]) -> float:
    """Root mean square of the luminance's Laplacian inside a mask; 0 where that is empty.

    Args:
        image: RGB or grey, 0..1.
        mask: Weights >= 0.

    Example:
        >>> checks = (np.indices((8, 8)).sum(0) % 2).astype(np.float32)
        >>> sharpness_inside(checks, np.ones((8, 8))), sharpness_inside(0 * checks, np.ones((8, 8)))
        (4.0, 0.0)
    """
    total = float(mask.sum())
    if total == 0:
        return 0.0
    squares = np.square(cv2.Laplacian(_grey(image), cv2.CV_32F))
    return float(np.sqrt((squares * mask).sum() / total))


def _grey(image: Float32[np.ndarray, "h w *c"]) -> Float32[np.ndarray, "h w"]:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _least(enough: Callable[[float], bool], most: float) -> float:
    """The least of 0..most that is enough, to one part in a thousand; `most` if none is."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
