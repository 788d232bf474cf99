"""Coloured stage lights."""

import colorsys
from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Float32

from facsimile.degradations.depth import like, white
from facsimile.degradations.over_time.protocol import Course, FrameDegradation
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span, whole_span

Light = Float32[np.ndarray, "h w 3"]

_GRID = 64  # points on the longer side: light without edges needs no more
_GAMMA = 2.2


class StageLights:
    """Takes most of the scene's own light away and shines coloured lamps on it.

    A point's light is `ambient` plus that of the lamps, each falling off as a Gaussian around
    where it points. It multiplies linear light, which is the value to the power of 2.2; what
    becomes brighter than white is clipped, as in a camera.

    Args:
        count: Of the lamps, whole numbers from 1 on, drawn.
        ambient: What is left of the scene's own light, a part of 1, drawn.
        brightness: Of a lamp, 1 being the scene's own light; each lamp draws its course.
        hue: Of a lamp, in turns of the colour circle, likewise.
        saturation: 0 is white, 1 a pure colour, drawn for each lamp.
        path: Where it points, from 0 to 1 across the frame, and down it; likewise.
        radius: Sigma of the fall-off, a part of the longer side, drawn for each lamp.
    """

    def __init__(
        self,
        count: Range,
        ambient: Range,
        brightness: Course,
        hue: Course,
        path: Course,
        saturation: Range = (0.75, 1.0),
        radius: Range = (0.3, 0.5),
    ) -> None:
        self.count, self.ambient = whole_span(count, 1, 100), span(ambient, 0, 1)
        self.brightness, self.hue, self.path = brightness, hue, path
        self.saturation, self.radius = span(saturation, 0, 1), span(radius, 1e-3)

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the lamps."""
        count = int(rng.integers(self.count[0], self.count[1] + 1))
        ambient = np.float32(rng.uniform(*self.ambient))
        lamps = [self._lamp(rng) for _ in range(count)]

        def degrade(image: Image, time: float) -> Image:
            white(image)
            x, y = _grid(*image.shape[:2])
            light = ambient + sum(lamp(x, y, time) for lamp in lamps)
            gain = cv2.resize(np.power(light, 1 / _GAMMA), image.shape[1::-1])
            return like(image, image * np.asarray(gain, np.float32))

        return degrade

    def _lamp(
        self, rng: np.random.Generator
    ) -> Callable[[Float32[np.ndarray, "h w"], Float32[np.ndarray, "h w"], float], Light]:
        brightness, hue = self.brightness.drawn(rng), self.hue.drawn(rng)
        across, down = self.path.drawn(rng), self.path.drawn(rng)
        saturation, radius = rng.uniform(*self.saturation), rng.uniform(*self.radius)

        def light(x: np.ndarray, y: np.ndarray, time: float) -> Light:
            ends = x.max(), y.max()
            away = (x - across(time) * ends[0]) ** 2 + (y - down(time) * ends[1]) ** 2
            colour = np.array(colorsys.hsv_to_rgb(hue(time) % 1, saturation, 1))
            falling = np.exp(-away / (2 * radius**2))
            return np.asarray(brightness(time) * falling[..., None] * colour, np.float32)

        return light


def _grid(height: int, width: int) -> tuple[Float32[np.ndarray, "y x"], Float32[np.ndarray, "y x"]]:
    """Columns and rows of a coarse grid over the frame, in longer sides."""
    longer = max(height, width)
    columns, rows = (max(2, round(_GRID * side / longer)) for side in (width, height))
    x, y = np.linspace(0, width / longer, columns), np.linspace(0, height / longer, rows)
    across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return across, down
