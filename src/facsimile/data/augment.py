"""Random views of an aligned face: moved, mirrored, warped, noisy."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Grid = Float32[np.ndarray, "size size 2"]

NOISE_STRETCHES = 16  # an image's noise is one of so many stretches' worth of places
WHITE = 255


@dataclass(frozen=True)
class FaceAugmentation:
    """Draw the warped face that goes in and the straight one that has to come out.

    Both are seen through the same random rotation, scale, shift and mirroring; the input also
    through a random warp of a coarse grid, which is what forces the code to carry pose and
    expression but no identity (DeepFaceLab's `gen_warp_params`), and noise.

    Args:
        rotation: Largest turn, degrees.
        scale: Largest change of size, a share.
        shift: Largest move along each axis, a share of the side.
        flip: Probability of mirroring.
        warp: Spread of the grid's nodes, in cells; drawn normal, cut at two spreads.
        cells: The warp's grid has this many cells a side.
        noise: Largest spread of the Gaussian noise on the input, of 1.
        colour: Largest change of each channel's gain on the input, of 1; of its offset, half that.
    """

    rotation: float = 10.0
    scale: float = 0.05
    shift: float = 0.05
    flip: float = 0.5
    warp: float = 0.12
    cells: int = 4
    noise: float = 0.02
    colour: float = 0.0

    def __call__(
        self, image: UInt8[np.ndarray, "h h c"], size: int, rng: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "size size c"], UInt8[np.ndarray, "size size c"]]:
        """Return (warped, target) at `size` pixels; channels beyond RGB are never disturbed."""
        place = self._placement(image.shape[0], size, rng)
        warped = _sample(image, place, _centres(size) + self._warp(size, rng))
        warped[..., :3] = self._disturb(warped[..., :3], rng)
        return warped, _sample(image, place, _centres(size))

    def _placement(
        self, side: int, size: int, rng: np.random.Generator
    ) -> Float32[np.ndarray, "2 3"]:
        """Map positions from the middle of the view to pixels of an image of that side."""
        angle, growth, *move = rng.uniform(-1, 1, 4)
        turn, zoom = angle * math.radians(self.rotation), 1 + growth * self.scale
        cos, sin = math.cos(turn) * zoom, math.sin(turn) * zoom
        mirror = -1 if rng.random() < self.flip else 1
        ratio, middle = side / size, (side - 1) / 2
        right, down = (middle + ratio * step * self.shift * size for step in move)
        return np.array(
            [
                [ratio * mirror * cos, -ratio * mirror * sin, right],
                [ratio * sin, ratio * cos, down],
            ],
            np.float32,
        )

    def _warp(self, size: int, rng: np.random.Generator) -> Grid:
        """Displace the nodes of a coarse grid and interpolate between them."""
        nodes = rng.standard_normal((self.cells + 1, self.cells + 1, 2), np.float32).clip(-2, 2)
        nodes *= np.float32(self.warp * size / self.cells)
        return np.asarray(cv2.resize(nodes, (size, size), interpolation=cv2.INTER_CUBIC))

    def _disturb(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        draws = rng.uniform(-1, 1, (2, 3))
        gain, offset = 1 + draws[0] * self.colour, draws[1] * self.colour / 2 * WHITE
        tint = (np.arange(WHITE + 1)[:, None] * gain + offset).astype(np.float32)
        noise = _noise(image.size, rng).reshape(image.shape)
        noise = noise * np.float32(rng.uniform(0, self.noise) * WHITE)
        return np.asarray(cv2.add(cv2.LUT(image, tint[None]), noise, dtype=cv2.CV_8U))


@cache
def _centres(size: int) -> Grid:
    """Positions x, y of the pixels' centres, from the middle of the view."""
    ticks = np.arange(size, dtype=np.float32) - (size - 1) / 2
    return np.stack(np.meshgrid(ticks, ticks), -1).astype(np.float32)


def _noise(length: int, rng: np.random.Generator) -> Float32[np.ndarray, " length"]:
    """A stretch of one long normal draw, from a drawn place on.

    Drawing every value anew takes longer than all the rest of a face's augmentation.
    """
    start = int(rng.integers(length * (NOISE_STRETCHES - 1)))
    return _noise_draw(length)[start : start + length]


@cache
def _noise_draw(length: int) -> Float32[np.ndarray, " values"]:
    return np.random.default_rng(0).standard_normal(length * NOISE_STRETCHES, np.float32)


def _sample(
    image: UInt8[np.ndarray, "h h c"], place: Float32[np.ndarray, "2 3"], positions: Grid
) -> UInt8[np.ndarray, "size size c"]:
    """Look the image up where the positions are mapped to."""
    places = cv2.transform(positions, place)
    border, no_map = cv2.BORDER_REPLICATE, np.empty(0, np.float32)
    return np.asarray(cv2.remap(image, places, no_map, cv2.INTER_LINEAR, borderMode=border))
