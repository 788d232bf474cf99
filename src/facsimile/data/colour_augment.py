"""Faces in the colours of other faces, by statistics that are taken once."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from facsimile.errors import UserError
from facsimile.faces.masks import ellipse_mask
from facsimile.filters.colour.covariance import moments, root

MODES = ("rct", "lct", "mkl")
LEAST_SPREAD = 1.0  # of a CIELAB channel: of a flatter one 8 bits would stretch the rounding
WHITE = 255
# what 8-bit CIELAB is of a lightness in 0..100 and of a and b: scale and offset
_SCALE, _OFFSET = np.array([WHITE / 100, 1, 1]), np.array([0, 128, 128])


class Colours(NamedTuple):
    """Mean and covariance of a face's colours: of CIELAB for rct, of RGB in 0..1 otherwise."""

    mean: Float[np.ndarray, "3"]
    covariance: Float[np.ndarray, "3 3"]


@dataclass(frozen=True)
class Recolouring:
    """Now and then a person's face, input and target alike, is seen in the other person's colours.

    Then neither the code nor a decoder can tell who it is by light and camera, and a swap comes
    out in the colours of the frame (DeepFaceLab's `ct_mode`, which does so to src alone; here
    both directions are swapped). The maps are those of `filters.colour`, made of statistics, so
    that a face costs no more than a lookup.

    Args:
        mode: rct, lct or mkl: see the modules of those names.
        share: Probability that a face is recoloured.

    Raises:
        UserError: There is no such mode.
    """

    mode: str
    share: float

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UserError(
                f"colour_transfer={self.mode}: give none, {', '.join(MODES[:-1])} or {MODES[-1]}"
            )

    def measure(self, face: UInt8[np.ndarray, "h h c"]) -> Colours:
        """The colours inside the face's mask, its fourth channel, or else in the crop's middle."""
        mask = face[..., 3] if face.shape[-1] > 3 else ellipse_mask(len(face))
        if not mask.any():
            mask = np.ones(face.shape[:2], np.float32)
        image = np.ascontiguousarray(face[..., :3]).astype(np.float32) / WHITE
        if self.mode == "rct":
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)
        return Colours(*moments(image, mask.astype(np.float64)))

    def __call__(
        self, image: UInt8[np.ndarray, "h w c"], own: Colours, wanted: Colours
    ) -> UInt8[np.ndarray, "h w c"]:
        """Map an image of the own colours to the wanted ones; a fourth channel stays as it is."""
        if self.mode == "rct":
            return _by_lab(image, own, wanted)
        half = root(own.covariance)
        back = np.linalg.inv(half)
        if self.mode == "lct":
            matrix = root(wanted.covariance) @ back
        else:
            matrix = back @ root(half @ wanted.covariance @ half) @ back
        return _linear(image, matrix, wanted.mean - matrix @ own.mean)


def _linear(
    image: UInt8[np.ndarray, "h w c"],
    matrix: Float[np.ndarray, "3 3"],
    offset: Float[np.ndarray, "3"],
) -> UInt8[np.ndarray, "h w c"]:
    channels = image.shape[-1]
    affine = np.eye(channels, channels + 1)
    affine[:3, :3], affine[:3, -1] = matrix, offset * WHITE
    return np.asarray(cv2.transform(image, affine), np.uint8)


def _by_lab(
    image: UInt8[np.ndarray, "h w c"], own: Colours, wanted: Colours
) -> UInt8[np.ndarray, "h w c"]:
    """In 8 bits, where a channel's map is a table; cut in CIELAB where that ends."""
    spread, new_spread = (np.sqrt(np.diag(c.covariance)) for c in (own, wanted))
    gain = new_spread / np.maximum(spread, LEAST_SPREAD)
    levels = (np.arange(WHITE + 1)[:, None] - _OFFSET) / _SCALE
    moved = ((levels - own.mean) * gain + wanted.mean) * _SCALE + _OFFSET
    table = np.rint(moved).clip(0, WHITE).astype(np.uint8)
    lab = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), table[None])
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return np.asarray(rgb if image.shape[-1] == 3 else cv2.merge([rgb, image[..., 3]]), np.uint8)
