"""Random views of aligned faces: moved, mirrored, warped, noisy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

BORDER = 8  # a face is continued by one part in so many of its side
NOISE_STRETCHES = 16  # an image's noise is one of so many stretches' worth of places
WHITE = 255

#: RGB, or RGB and a mask, and perhaps another mask. OpenCV looks up four channels as fast as
#: three, and five three times slower.
Parts = tuple[UInt8[np.ndarray, "_ _ _"], UInt8[np.ndarray, "_ _"] | None]


class Draws(NamedTuple):
    """All that is random about some views."""

    numbers: Float[np.ndarray, "views 13"]  # even in 0..1: five of the place, eight of the light
    nodes: Float32[np.ndarray, "views 2 k k"]  # normal: how far the warp moves its grid, x and y


@dataclass(frozen=True)
class FaceAugmentation:
    """Show the warped faces that go in and the straight ones that have to come out.

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

    def draw(self, rng: np.random.Generator, views: int) -> Draws:
        """Draw what is random about so many views."""
        nodes = (views, 2, self.cells + 1, self.cells + 1)
        return Draws(rng.random((views, 13)), rng.standard_normal(nodes, np.float32))

    def __call__(
        self, faces: Sequence[Parts], size: int, draws: Draws
    ) -> tuple[UInt8[np.ndarray, "views size size 3"], UInt8[np.ndarray, "views size size d"]]:
        """Return (warped, target) of each face at `size` pixels; only targets have masks.

        What is small is worked out for all views at once, for there a call costs more than its
        work; what is large for one at a time, which stays in the processor's cache.

        Args:
            faces: With the same masks.
            size: Side of the views, pixels.
            draws: Of as many views as there are faces.
        """
        sides = np.array([len(image) for image, _ in faces], np.float64)
        basis, lights = _basis(size, self.cells), self._lights(draws)
        rows = basis @ self._surfaces(sides, size, draws)
        spreads = draws.numbers[:, 11] * self.noise * WHITE
        inputs = np.empty((len(faces), size, size, 3), np.uint8)
        targets = np.empty((len(faces), size, size, _channels(faces[0])), np.uint8)
        for view, (image, beside) in enumerate(faces):
            image, beside = _continued(image), None if beside is None else _continued(beside)
            warped, straight = rows[view] @ basis.T
            _show((image, beside), straight, targets[view])
            rgb = _rgb(_look_up(image, warped)).astype(np.float32)
            lit, noise = cv2.transform(rgb, lights[view]), _noise(size, draws.numbers[view, 12])
            cv2.addWeighted(lit, 1, noise, spreads[view], 0, inputs[view], cv2.CV_8U)
        return inputs, targets

    def _surfaces(
        self, sides: Float[np.ndarray, " views"], size: int, draws: Draws
    ) -> Float32[np.ndarray, "views 2 2 n n"]:
        """Where in a face a pixel lies: of the warped and of the straight view, x and y.

        Warp, turn and shift are sums of products of a function of the row and one of the column.
        These are the factors, of `_basis` by `_basis`.
        """
        turns, middles = self._placements(sides, size, draws)
        nodes = draws.nodes.clip(-2, 2) * np.float32(self.warp * size / self.cells)
        factors = np.zeros((len(nodes), 2, 2, self.cells + 3, self.cells + 3), np.float32)
        factors[:, 0, :, :-2, :-2] = np.einsum("vij,vjrc->virc", turns, nodes)
        factors[..., -1, -2], factors[..., -2, -1] = np.moveaxis(turns, -1, 0)[:, :, None]
        factors[..., -1, -1] = middles[:, None]
        return factors

    def _placements(
        self, sides: Float[np.ndarray, " views"], size: int, draws: Draws
    ) -> tuple[Float[np.ndarray, "views 2 2"], Float[np.ndarray, "views 2"]]:
        """Map positions from the middle of the view to pixels of a continued image of that side."""
        angle, growth = 2 * draws.numbers[:, :2].T - 1
        turn = np.radians(self.rotation) * angle
        zoom = (1 + self.scale * growth) * sides / size
        mirror = np.where(draws.numbers[:, 4] < self.flip, -1, 1)
        cos, sin = np.cos(turn) * zoom, np.sin(turn) * zoom
        turns = np.stack([mirror * cos, -mirror * sin, sin, cos], -1).reshape(-1, 2, 2)
        moves = self.shift * (2 * draws.numbers[:, 2:4] - 1) * sides[:, None]
        return turns, ((sides - 1) / 2 + sides // BORDER)[:, None] + moves

    def _lights(self, draws: Draws) -> Float[np.ndarray, "views 3 4"]:
        """Each channel's gain, and its offset in bytes."""
        parts = 2 * draws.numbers[:, 5:11].reshape(-1, 2, 3) - 1
        gain, offset = self.colour * parts.swapaxes(0, 1)
        return np.dstack([np.eye(3) * (1 + gain[:, None]), offset[..., None] / 2 * WHITE])


@cache
def _basis(size: int, cells: int) -> Float32[np.ndarray, "size functions"]:
    """Functions of a row or column: what each node gives to it, its place from the middle, one."""
    nodes = cv2.resize(np.eye(cells + 1), (cells + 1, size), interpolation=cv2.INTER_CUBIC)
    ticks = np.arange(size) - (size - 1) / 2
    return np.column_stack([nodes, ticks, np.ones(size)]).astype(np.float32)


def _noise(size: int, place: float) -> Float32[np.ndarray, "size size 3"]:
    """A stretch of one long normal draw, from a drawn place in 0..1 on.

    Drawing every value anew takes longer than all the rest of a face's augmentation.
    """
    length = 3 * size * size
    start = int(place * length * (NOISE_STRETCHES - 1))
    return _noise_draw(length)[start : start + length].reshape(size, size, 3)


@cache
def _noise_draw(length: int) -> Float32[np.ndarray, " values"]:
    return np.random.default_rng(0).standard_normal(length * NOISE_STRETCHES, np.float32)


def _channels(face: Parts) -> int:
    image, beside = face
    return int(image.shape[-1]) + (beside is not None)


def _continued(image: UInt8[np.ndarray, "h h *c"]) -> UInt8[np.ndarray, "k k *c"]:
    """With its edge repeated outside.

    The copy makes up for more than its time: read in order, the image comes into the processor's
    cache several times as fast as by lookups, and OpenCV looks up inside an image sooner than
    beside it.
    """
    margin = len(image) // BORDER
    border = cv2.BORDER_REPLICATE
    return np.asarray(cv2.copyMakeBorder(image, margin, margin, margin, margin, border))


def _rgb(image: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "h w 3"]:
    """Without the mask; a slice of NumPy's would be copied at every use, and slowly."""
    return image if image.shape[-1] == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2RGB))


def _show(
    face: Parts, places: Float32[np.ndarray, "2 r r"], view: UInt8[np.ndarray, "r r d"]
) -> None:
    """Write what a face has at the places into the view, all channels."""
    image, beside = face
    if beside is None:
        _look_up(image, places, view)
    else:
        cv2.merge([_look_up(image, places), _look_up(beside, places)], view)


def _look_up(
    image: UInt8[np.ndarray, "h h *c"],
    places: Float32[np.ndarray, "2 r r"],
    view: UInt8[np.ndarray, "r r *c"] | None = None,
) -> UInt8[np.ndarray, "r r *c"]:
    """What the image has at the places, written into the view if there is one."""
    (x, y), border = places, cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, view, borderMode=border))
