"""Other light: random brightness and colour, as training data too small to show them lacks."""

import cv2
import numpy as np
from jaxtyping import UInt8


class Tint:
    """Bends each channel's curve: out = in ** gamma, in 0..1.

    Half of the images keep their hue. Without this a net that has seen two people in colour takes
    a darker third one for shaded.

    Args:
        brightness: Half-range of log gamma, the same in all channels.
        colour: Half-range of log gamma on top of that, drawn for each channel.
    """

    def __init__(self, brightness: float, colour: float) -> None:
        self.brightness, self.colour = brightness, colour

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return the image in another light."""
        shared = rng.uniform(-self.brightness, self.brightness)
        own = rng.uniform(-self.colour, self.colour, 3) * (rng.random() < 0.5)
        levels = np.linspace(0, 1, 256)[:, None] ** np.exp(shared + own)
        table = np.rint(255 * levels).astype(np.uint8)
        return np.asarray(cv2.LUT(image, table[None]), np.uint8)
