"""Where a self-blended face differs from its picture: a landmark hull, deformed and softened."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32

from facsimile.faces.hull import hull_mask
from facsimile.faces.masks import border_fade

Mask = Float32[np.ndarray, "h w"]

_WHOLE = 1 - 1 / 255  # of a blurred mask, what counts as inside


@dataclass(frozen=True)
class BlendMask:
    """Draws another mask at every call, as forgeries have masks of many kinds.

    The hull of the landmarks is deformed elastically, blurred, cut back to where the blur left it
    whole, and blurred again. Lengths are shares of the hull's size, the square root of its area;
    all are drawn evenly from a range. Source: Shiohara and Yamasaki 2022, section 3.2.

    Args:
        raise_brows: How far the brows of 68 landmarks are lifted (`hull_mask`), two ends.
        deform: Spread of the nodes of a coarse grid that the hull is drawn on, two ends.
        cells: The grid has so many cells a side.
        erode: Sigma of the first blur, two ends above 0; three times as much is cut off.
        soften: Sigma of the second, likewise.

    Raises:
        ValueError: A range goes down, or to or below 0 where a blur needs more.
    """

    raise_brows: Sequence[float] = (0.0, 1.0)
    deform: Sequence[float] = (0.0, 0.04)
    cells: int = 4
    erode: Sequence[float] = (0.002, 0.03)
    soften: Sequence[float] = (0.01, 0.08)

    def __post_init__(self) -> None:
        for name, least in (("raise_brows", 0), ("deform", 0), ("erode", 1e-4), ("soften", 1e-4)):
            low, high = getattr(self, name)
            if not least <= low <= high:
                raise ValueError(f"{name}={[low, high]}: lowest first, and {least:g} at least")
        if self.cells < 1:
            raise ValueError(f"cells={self.cells}: give 1 or more")

    def __call__(
        self, dense: Float[np.ndarray, "n 2"], size: tuple[int, int], rng: np.random.Generator
    ) -> Mask:
        """Weights in 0..1, which are 0 on the border of the picture.

        Args:
            dense: All landmarks of the face, pixels of the picture.
            size: Height and width of the picture, pixels.
            rng: Gives all that is drawn.
        """
        height, width = size
        brows, deform, erode, soften = (
            float(rng.uniform(low, high))
            for low, high in (self.raise_brows, self.deform, self.erode, self.soften)
        )
        hull = hull_mask(dense, max(size), brows)[:height, :width]
        scale = max(float(np.sqrt(hull.sum())), 1.0)
        bent = _bent(
            hull, deform * scale * rng.standard_normal((2, self.cells + 1, self.cells + 1))
        )
        inside = cv2.GaussianBlur(bent, (0, 0), erode * scale) > _WHOLE
        soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), soften * scale)
        # the middle of a square's fade is that of one of its sides
        rows, columns = border_fade(height)[:, height // 2], border_fade(width)[width // 2]
        return np.asarray(soft.clip(0, 1) * np.minimum.outer(rows, columns), np.float32)


def _bent(mask: Mask, nodes: Float[np.ndarray, "2 k k"]) -> Mask:
    """Move what lies at each node of a grid over the mask by so many pixels, smoothly between."""
    height, width = mask.shape
    x, y = (
        cv2.resize(one.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for one in nodes
    )
    columns, rows = np.meshgrid(
        np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    )
    return np.asarray(cv2.remap(mask, columns + x, rows + y, cv2.INTER_LINEAR), np.float32)
