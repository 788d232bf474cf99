"""Motion blur."""

import cv2
import numpy as np
from jaxtyping import Float32

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span

_POINTS = 64  # on a pixel of the line's length


class MotionBlur:
    """Averages along a straight line, as a camera does that moves while its shutter is open.

    The line's length is drawn uniformly from `length` (pixels, from 1 on: 1 is no blur), its
    angle from `angle` (degrees). The line is centred, so that the image stays where it is.
    (albumentations' MotionBlur has whole odd lengths and rounds to whole pixels: at 45 degrees
    its lengths 3 and 5 are the same.)
    """

    def __init__(self, length: Range, angle: Range = (0.0, 180.0)) -> None:
        self.length, self.angle = span(length, 1), span(angle, -360, 360)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the blurred image."""
        white(image)
        kernel = line_kernel(rng.uniform(*self.length), rng.uniform(*self.angle))
        return like(image, cv2.filter2D(image, -1, kernel))


def line_kernel(length: float, angle: float) -> Float32[np.ndarray, "k k"]:
    """Each pixel's part of a centred line of `length` pixels; the kernel sums to 1.

    >>> (3 * line_kernel(3.0, 0.0)[1]).round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    reach = int(np.ceil((length - 1) / 2 - 1e-9))
    points = 2 * round(length * _POINTS / 2)  # even: no point lies between two pixels
    along = (np.arange(points) + 0.5) / points * length - length / 2
    turn = np.deg2rad(angle)
    # Rows count downwards, angles upwards.
    where = np.stack([-np.sin(turn) * along, np.cos(turn) * along])
    rows, columns = np.clip(np.rint(where), -reach, reach).astype(int) + reach
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    np.add.at(kernel, (rows, columns), np.float32(1 / points))
    return kernel
