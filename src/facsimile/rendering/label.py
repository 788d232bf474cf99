"""Words in a corner of every frame, for those who see nothing of its manifest."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.errors import UserError

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SIZE = 0.04  # height of a capital letter, in the frame's shorter side
_LEAST = 8  # pixels; smaller letters cannot be read
_CAPITAL = 22.0  # pixels of the font at scale 1
_WIDEST, _TALLEST = 0.9, 0.5  # of the words in the frame's width, of a capital in its height
_GROUND = 0.3  # of the frame's light, behind the letters


@dataclass(frozen=True)
class Label:
    """Draw words into the lower right corner, white on what is there, darkened.

    Raises:
        UserError: The words hold another character than printable ASCII, or none.
    """

    text: str

    def __post_init__(self) -> None:
        if not (self.text.isascii() and self.text.isprintable() and self.text.strip()):
            raise UserError(f"a label is drawn of plain letters A to Z only, not {self.text!r}")

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        """Return a new frame with the words in it."""
        height, width = image.shape[:2]
        scale = self._scale(width, height)
        thick = max(1, round(1.5 * scale))
        (length, tall), below = cv2.getTextSize(self.text, _FONT, scale, thick)
        gap = max(2, round(0.4 * tall))
        top, left = max(0, height - tall - below - 2 * gap), max(0, width - length - 2 * gap)
        result = image.copy()
        result[top:, left:] = np.rint(_GROUND * image[top:, left:])
        at = (left + gap, height - gap - below)
        cv2.putText(result, self.text, at, _FONT, scale, (255, 255, 255), thick, cv2.LINE_AA)
        return result

    def legible(self, width: int, height: int) -> bool:
        """Whether the letters can be read in frames of so many pixels; smaller ones are drawn."""
        return round(self._scale(width, height) * _CAPITAL, 3) >= _LEAST

    def _scale(self, width: int, height: int) -> float:
        scale = min(max(_LEAST, _SIZE * min(height, width)), _TALLEST * height) / _CAPITAL
        (length, _), _ = cv2.getTextSize(self.text, _FONT, scale, 1)
        return scale * min(1.0, _WIDEST * width / length)
