"""A fake made of one picture: a face blended with a changed copy of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.degradations.protocol import Degradation
from facsimile.faces.blend_mask import BlendMask

Image = UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True, eq=False)
class Blend:
    """A fake with the real picture that it is to be told from.

    Args:
        real: What the fake shows outside the mask, pixel by pixel.
        fake: The blend.
        mask: Where they differ, 0..1, without the ratio.
        ratio: Weight of the source inside the mask.
        changed: Which of the two was changed in colour and detail.
    """

    real: Image
    fake: Image
    mask: Float32[np.ndarray, "h w"]
    ratio: float
    changed: Literal["source", "target"]

    @property
    def difference(self) -> float:
        """Mean absolute difference of fake and real inside the mask, grey levels; 0 for no mask."""
        apart = np.abs(self.fake.astype(np.float32) - self.real).mean(2)
        return float((apart * self.mask).sum() / max(float(self.mask.sum()), 1e-6))


class SelfBlending:
    """Blends a picture's face with a copy of the picture, one of the two changed.

    Source and target are the same picture; colour and detail of one of them, drawn by lot, are
    changed, the source is moved and scaled a little, and blended onto the target in a mask. What
    a detector can find is what real forgeries have: an edge of blending and two sides of it that
    do not go together. The real picture of the pair is the target as it was blended, changed or
    not, so that nothing but the blend tells them apart; and a grey picture stays grey.

    Source: Shiohara and Yamasaki, Detecting Deepfakes with Self-Blended Images, CVPR 2022,
    section 3 (the strengths are theirs where the configuration does not say otherwise).

    Args:
        mask: Draws where.
        colour: Changes the colours.
        detail: One of these, drawn by lot, changes the sharpness.
        ratios: Weights of the source, above 0 to 1, of which one is drawn.
        scale: Largest change of the source's size, a share.
        shift: Largest move of the source to the sides, and up or down, shares of width and height.

    Raises:
        ValueError: A ratio, scale or shift cannot be meant, or there is no detail or ratio.
    """

    def __init__(
        self,
        mask: BlendMask,
        colour: Degradation,
        detail: Sequence[Degradation],
        ratios: Sequence[float] = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0),
        scale: float = 0.05,
        shift: Sequence[float] = (0.03, 0.015),
    ) -> None:
        if not detail or not ratios or not all(0 < ratio <= 1 for ratio in ratios):
            raise ValueError(f"ratios={list(ratios)}: give some above 0 to 1, and some detail")
        if not 0 <= scale < 0.5 or len(shift) != 2 or not all(0 <= one < 0.5 for one in shift):
            raise ValueError(f"scale={scale}, shift={list(shift)}: give shares from 0 to below .5")
        self.mask, self.colour, self.detail = mask, colour, tuple(detail)
        self.ratios, self.scale, self.shift = tuple(ratios), scale, tuple(shift)

    def __call__(
        self, image: Image, dense: Float[np.ndarray, "n 2"], rng: np.random.Generator
    ) -> Blend:
        """Make a pair of a picture.

        Args:
            image: RGB, with a face.
            dense: All landmarks of the face, pixels.
            rng: Gives all that is drawn.
        """
        mask = self.mask(dense, image.shape[:2], rng)
        other = self._changed(image, rng)
        is_source = bool(rng.random() < 0.5)
        source, target = (other, image) if is_source else (image, other)
        ratio = float(self.ratios[int(rng.integers(len(self.ratios)))])
        weight = ratio * mask[..., None]
        moved = cv2.warpAffine(
            source,
            self._matrix(dense, image.shape[:2], rng),
            image.shape[1::-1],
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,  # black would show at the edge of the mask
        )
        blended = moved * weight + target * (1 - weight)
        fake = np.asarray(np.rint(blended).clip(0, 255), np.uint8)
        return Blend(target, fake, mask, ratio, "source" if is_source else "target")

    def _changed(self, image: Image, rng: np.random.Generator) -> Image:
        detail = self.detail[int(rng.integers(len(self.detail)))]
        changed = np.asarray(detail(self.colour(image, rng), rng), np.uint8)
        if (image == image[..., :1]).all():  # colours would tell the fakes of a grey data set
            grey = cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY)
            changed = np.repeat(grey[..., None], 3, axis=2)
        return changed

    def _matrix(
        self, dense: Float[np.ndarray, "n 2"], size: tuple[int, int], rng: np.random.Generator
    ) -> Float[np.ndarray, "2 3"]:
        """Scale about the middle of the face, and a move."""
        scale = float(np.exp(rng.uniform(-1, 1) * np.log1p(self.scale)))
        move = rng.uniform(-1, 1, 2) * self.shift * np.array(size[::-1])
        centre = dense.mean(0).astype(np.float64)
        return np.column_stack([scale * np.eye(2), centre * (1 - scale) + move])
