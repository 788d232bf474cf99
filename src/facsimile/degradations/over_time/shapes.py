"""Graphic shapes over the picture."""

import colorsys

import numpy as np
from jaxtyping import Float

from facsimile.degradations.depth import white
from facsimile.degradations.over_time.layers import fill, over
from facsimile.degradations.over_time.protocol import Course, FrameDegradation, Value
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span, whole_span

_KINDS = (3, 4, 6, 48)  # corners; the last is a circle


class Shapes:
    """Outlines and filled forms that move, turn and pulse, as a video's titles have them.

    Args:
        count: Whole numbers from 1 on, drawn.
        size: Radius, a part of the frame's shorter side: a course of each shape.
        path: Of the middle, from 0 to 1 across the frame, and down it; likewise.
        turn: Turns, likewise.
        opacity: A part of 1, drawn for each; filled shapes have half of it.
        width: Of an outline, a part of the frame's shorter side.
    """

    def __init__(
        self,
        count: Range,
        size: Course,
        path: Course,
        turn: Course,
        opacity: Range = (0.6, 0.9),
        width: int | float = 0.02,
    ) -> None:
        self.count, self.opacity = whole_span(count, 1, 100), span(opacity, 0, 1)
        self.size, self.path, self.turn = size, path, turn
        (self.width, _) = span(width, 0, 1)

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the shapes and their ways."""
        count = int(rng.integers(self.count[0], self.count[1] + 1))
        shapes = [self._shape(rng) for _ in range(count)]

        def degrade(image: Image, time: float) -> Image:
            white(image)
            for shape in shapes:
                alpha = np.zeros(image.shape[:2], np.uint8)
                shape.draw(alpha, time)
                image = over(image, shape.colour, alpha.astype(np.float32) / 255)
            return image

        return degrade

    def _shape(self, rng: np.random.Generator) -> "_Shape":
        corners, filled = _KINDS[int(rng.integers(len(_KINDS)))], bool(rng.random() < 0.4)
        opacity = rng.uniform(*self.opacity) * (0.5 if filled else 1)
        ways = [one.drawn(rng) for one in (self.size, self.path, self.path, self.turn)]
        colour = np.array(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0, 0.9), 1.0))
        return _Shape(corners, None if filled else self.width, float(opacity), colour, ways)


class _Shape:
    """A regular polygon; `width` is None of a filled one; `ways` are size, x, y and turn."""

    def __init__(
        self,
        corners: int,
        width: float | None,
        opacity: float,
        colour: Float[np.ndarray, "3"],
        ways: list[Value],
    ) -> None:
        self.corners, self.width, self.opacity = corners, width, opacity
        self.colour, self.ways = colour, ways

    def draw(self, alpha: np.ndarray, time: float) -> None:
        size, across, down, turn = (way(time) for way in self.ways)
        height, width = alpha.shape
        angles = 2 * np.pi * (np.arange(self.corners) / self.corners + turn)
        corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        middle, shorter = np.array([across * width, down * height]), min(alpha.shape)
        if self.width is None:
            fill(alpha, middle + size * shorter * corners, self.opacity)
            return
        # at right angles to a side, the line is to be as wide as it says
        half = self.width / 2 / np.cos(np.pi / self.corners)
        fill(alpha, middle + (size + half) * shorter * corners, self.opacity)
        fill(alpha, middle + max(0.0, size - half) * shorter * corners, 0.0)
