"""Random views of an aligned face: moved, mirrored, warped, noisy."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Grid = Float32[np.ndarray, "size size 2"]


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
        colour: Largest gain and half the largest offset of each channel of the input, of 1.
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
    ) -> tuple[Float32[np.ndarray, "size size 3"], Float32[np.ndarray, "size size c"]]:
        """Return (warped, target) at `size` pixels, in 0..1; channels beyond RGB stay target's."""
        place = self._placement(size, rng)
        target = _sample(image, place(_grid(size)))
        warped = _sample(image[..., :3], place(_grid(size) + self._warp(size, rng)))
        return self._disturb(warped, rng), target

    def _placement(self, size: int, rng: np.random.Generator) -> "_Placement":
        angle, growth = rng.uniform(-1, 1, 2) * [np.deg2rad(self.rotation), self.scale]
        move = rng.uniform(-1, 1, 2) * self.shift * size
        mirror = -1.0 if rng.random() < self.flip else 1.0
        cos, sin = np.cos(angle) * (1 + growth), np.sin(angle) * (1 + growth)
        matrix = np.array([[mirror * cos, -mirror * sin], [sin, cos]], np.float32)
        return _Placement(matrix, move.astype(np.float32))

    def _warp(self, size: int, rng: np.random.Generator) -> Grid:
        """Displace the nodes of a coarse grid and interpolate between them."""
        nodes = np.clip(rng.standard_normal((self.cells + 1, self.cells + 1, 2)), -2, 2)
        nodes = (nodes * self.warp * size / self.cells).astype(np.float32)
        return np.asarray(cv2.resize(nodes, (size, size), interpolation=cv2.INTER_CUBIC))

    def _disturb(
        self, image: Float32[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> Float32[np.ndarray, "h w 3"]:
        gain = 1 + rng.uniform(-1, 1, 3).astype(np.float32) * self.colour
        offset = rng.uniform(-1, 1, 3).astype(np.float32) * self.colour / 2
        noise = rng.standard_normal(image.shape, np.float32) * rng.uniform(0, self.noise)
        disturbed = image * gain + offset + noise
        return np.asarray(np.clip(disturbed, 0, 1), np.float32)


@dataclass(frozen=True)
class _Placement:
    """A linear map about the middle, and a move; both in pixels of the output."""

    matrix: Float32[np.ndarray, "2 2"]
    move: Float32[np.ndarray, "2"]

    def __call__(self, grid: Grid) -> Grid:
        return np.asarray(grid @ self.matrix.T + self.move, np.float32)


def _grid(size: int) -> Grid:
    """Positions x, y of the pixels' centres, from the middle of the image."""
    ticks = np.arange(size, dtype=np.float32) - (size - 1) / 2
    return np.stack(np.meshgrid(ticks, ticks), -1).astype(np.float32)


def _sample(image: UInt8[np.ndarray, "h h c"], grid: Grid) -> Float32[np.ndarray, "size size c"]:
    """Look the image up at the grid's places, as if it had been reduced to the grid's size."""
    ratio = image.shape[0] / grid.shape[0]
    places = grid * np.float32(ratio) + np.float32((image.shape[0] - 1) / 2)
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    pixels = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pixels, np.float32) / np.float32(255)
