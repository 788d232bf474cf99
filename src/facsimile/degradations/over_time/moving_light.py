"""A pattern of light and shadow that moves over the scene."""

import cv2
import numpy as np
from jaxtyping import Float32

from facsimile.degradations.depth import like, white
from facsimile.degradations.over_time.protocol import Course, FrameDegradation
from facsimile.degradations.protocol import Degradation, Image

_SIDE = 1024  # pixels of the pattern, which shows through in frames far larger


class MovingLight:
    """Multiplies the frames by what a degradation of images makes of a white wall.

    The pattern is drawn once, at twice the frame's longer side, and then carried over the frame
    and turned, as the shadow of a blind or of somebody who passes by. Beyond its ends it is
    mirrored.

    Args:
        pattern: Darkens parts of the wall, as `Shadow` and `Bars` do.
        path: Where the pattern's middle is, in longer sides of the frame from the frame's middle;
            drawn for across and for down.
        turn: Degrees, clockwise.
    """

    def __init__(self, pattern: Degradation, path: Course, turn: Course) -> None:
        self.pattern, self.path, self.turn = pattern, path, turn

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the pattern and its way."""
        wall = self.pattern(np.ones((_SIDE, _SIDE, 3), np.float32), rng)
        across, down, turn = self.path.drawn(rng), self.path.drawn(rng), self.turn.drawn(rng)

        def degrade(image: Image, time: float) -> Image:
            white(image)
            matrix = _onto_wall(image.shape[:2], (across(time), down(time)), turn(time))
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            size = image.shape[1::-1]
            light = cv2.warpAffine(wall, matrix, size, None, flags, cv2.BORDER_REFLECT_101)
            return like(image, image * np.asarray(light, np.float32))

        return degrade


def _onto_wall(
    shape: tuple[int, ...], place: tuple[float, float], turn: float
) -> Float32[np.ndarray, "2 3"]:
    """From pixels of the frame to those of the wall."""
    scale = _SIDE / (2 * max(shape))
    angle = np.deg2rad(-turn)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turned = np.array([[cos, -sin], [sin, cos]])
    middle = (np.array(shape[::-1]) - 1) / 2 + max(shape) * np.array(place)
    shift = (_SIDE - 1) / 2 - turned @ middle
    return np.column_stack([turned, shift]).astype(np.float32)
