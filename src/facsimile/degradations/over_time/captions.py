"""Lines of text over the picture."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from facsimile.degradations.depth import white
from facsimile.degradations.over_time.layers import over
from facsimile.degradations.over_time.protocol import FrameDegradation
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span

_RENDERED = 96  # pixels of a letter as drawn; then scaled, so that every size looks alike
_SLIDE = 0.15  # of the time that a line is there, to come and to go


class Captions:
    """One line after another slides in, stays and slides out, on a translucent band.

    Args:
        lines: What is written, in turn, from a drawn one on.
        every: Seconds from one line to the next, drawn once a clip.
        shown: The part of that in which a line is there.
        height: Of the letters, a part of the frame's height, drawn for each line.
        place: Where the band's middle is, a part of the frame's height, drawn for each line.
        band: How much of the band is seen, 0 to 1.
    """

    def __init__(
        self,
        lines: Sequence[str],
        every: Range,
        shown: int | float = 0.8,
        height: Range = (0.06, 0.11),
        place: Range = (0.35, 0.9),
        band: int | float = 0.5,
    ) -> None:
        if not lines or not all(line.strip() for line in lines):
            raise ValueError(f"lines {list(lines)} must be some, none of them empty")
        self.lines, self.every, self.shown = tuple(lines), span(every, 0.1), span(shown, 0, 1)[0]
        self.height, self.place = span(height, 1e-3, 1), span(place, 0, 1)
        self.band = span(band, 0, 1)[0]

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the rhythm, and what each line's place and size follow from."""
        every, first = rng.uniform(*self.every), int(rng.integers(len(self.lines)))
        key = int(rng.integers(2**32))

        def degrade(image: Image, time: float) -> Image:
            white(image)
            number = int(time // every)
            part = (time / every - number) / self.shown if self.shown else 1.0
            if part >= 1:
                return image.copy()
            text = self.lines[(first + number) % len(self.lines)]
            return self._written(image, text, part, np.random.default_rng([key, number]))

        return degrade

    def _written(self, image: Image, text: str, part: float, rng: np.random.Generator) -> Image:
        letters = _letters(text)
        height, width = image.shape[:2]
        tall, place = rng.uniform(*self.height) * height, rng.uniform(*self.place) * height
        side = 1 if rng.random() < 0.5 else -1
        scale = min(tall / _RENDERED, 0.9 * width / letters.shape[1])
        # eases in from one side and out to the other
        away = max(0.0, 1 - part / _SLIDE) ** 2 - max(0.0, 1 - (1 - part) / _SLIDE) ** 2
        left = (width - scale * letters.shape[1]) / 2 + side * away * width
        top = place - scale * letters.shape[0] / 2
        matrix = np.array([[scale, 0, left], [0, scale, top]])
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        alpha = cv2.warpAffine(letters, matrix, (width, height), None, flags)
        banded = self._banded(image, place, 0.8 * tall, 1 - abs(away))
        return over(banded, np.ones(3), np.asarray(alpha, np.float32))

    def _banded(self, image: Image, middle: float, half: float, seen: float) -> Image:
        rows = np.arange(image.shape[0], dtype=np.float32)[:, None]
        # a row that the edge cuts through is covered in part
        covered = np.clip(half + 0.5 - np.abs(rows - middle), 0, 1) * np.float32(self.band * seen)
        alpha = np.ascontiguousarray(np.broadcast_to(covered, image.shape[:2]), np.float32)
        return over(image, np.full(3, 0.05), alpha)


@lru_cache(maxsize=64)
def _letters(text: str) -> Float32[np.ndarray, "h w"]:
    """How much of each pixel the letters cover; smoothed, since they are made smaller."""
    font = ImageFont.load_default(_RENDERED)
    left, top, right, bottom = font.getbbox(text)
    picture = Pictures.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=font)
    covered: UInt8[np.ndarray, "h w"] = np.asarray(picture)
    return cv2.GaussianBlur(covered.astype(np.float32) / 255, (0, 0), 1.5)
