"""Other light: brightness, colour and shading that training data too small to show them lacks."""

import cv2
import numpy as np
from jaxtyping import UInt8

_LAMPS = 3  # the shading's grid: light changes slowly over a face


class Tint:
    """Bends each channel's curve, out = in ** gamma in 0..1, and lights some places more.

    Half of the images keep their hue. Without this a net that has seen two people in colour takes
    a darker third one, or the side of him that faces away from the lamp, for shaded.

    Args:
        brightness: Half-range of log gamma, the same in all channels.
        colour: Half-range of log gamma on top of that, drawn for each channel.
        shading: The most that the logarithm of a smooth, random light varies by, as a standard
            deviation over the image; 0 draws nothing.
        shuffled: Share of the images whose channels change places; 0 draws nothing.
    """

    def __init__(
        self, brightness: float, colour: float, shading: float = 0.0, shuffled: float = 0.0
    ) -> None:
        self.brightness, self.colour = brightness, colour
        self.shading, self.shuffled = shading, shuffled

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return the image in another light."""
        shared = rng.uniform(-self.brightness, self.brightness)
        own = rng.uniform(-self.colour, self.colour, 3) * (rng.random() < 0.5)
        levels = np.linspace(0, 1, 256)[:, None] ** np.exp(shared + own)
        table = np.rint(255 * levels).astype(np.uint8)
        tinted = np.asarray(cv2.LUT(image, table[None]), np.uint8)
        if self.shuffled and rng.random() < self.shuffled:
            tinted = tinted[..., rng.permutation(3)]
        return self._shaded(tinted, rng) if self.shading else tinted

    def _shaded(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        height, width = image.shape[:2]
        strength = rng.uniform(0, self.shading)
        lamps = rng.normal(size=(_LAMPS, _LAMPS)).astype(np.float32)
        field = cv2.resize(lamps, (width, height), interpolation=cv2.INTER_CUBIC)
        # of the brightest place: somewhere between as it was and overexposed
        light = np.exp(strength * (field - field.max() * rng.random()))
        return np.asarray(np.clip(np.rint(image * light[..., None]), 0, 255), np.uint8)
