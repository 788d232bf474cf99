"""Pictures brought to the size and colour that a data set asks for, before faces are sought."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

Picture = UInt8[np.ndarray, "_ _ 3"]


@dataclass(frozen=True)
class Fitting:
    """Resizes and greys pictures.

    Args:
        resize: `none`; `fit` within height and width, either of which may be None; `fill` both,
            what is over cut off evenly; `stretch` to both.
        height: Of the result, pixels.
        width: Likewise.
        colour: `rgb`, or `grey`, which is repeated in the three channels.

    >>> Fitting("fill", 10, 20)(np.zeros((30, 30, 3), np.uint8)).shape
    (10, 20, 3)
    >>> Fitting("fit", 10, 20)(np.zeros((30, 30, 3), np.uint8)).shape
    (10, 10, 3)
    """

    resize: str = "none"
    height: int | None = None
    width: int | None = None
    colour: str = "rgb"

    @property
    def changes(self) -> bool:
        """Whether any picture may come out otherwise than it came in."""
        return self.resize != "none" or self.colour != "rgb"

    def __call__(self, picture: Picture) -> Picture:
        """Return the picture as it is wanted; the very same where nothing is to be done."""
        if self.colour == "grey":
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
        return picture if self.resize == "none" else self._resized(picture)

    def _resized(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        if self.resize == "stretch":
            return _scaled(picture, self.height or height, self.width or width)
        given = ((self.height, height), (self.width, width))
        ratios = [wanted / side for wanted, side in given if wanted]
        ratio = max(ratios) if self.resize == "fill" else min(ratios)
        scaled = _scaled(picture, max(1, round(height * ratio)), max(1, round(width * ratio)))
        return scaled if self.resize == "fit" else self._centre(scaled)

    def _centre(self, picture: Picture) -> Picture:
        height, width = self.height or picture.shape[0], self.width or picture.shape[1]
        top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
        return np.ascontiguousarray(picture[top : top + height, left : left + width])


def _scaled(picture: Picture, height: int, width: int) -> Picture:
    smaller = height * width < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)
