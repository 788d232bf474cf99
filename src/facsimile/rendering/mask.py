"""How much of each pixel of a crop the new face takes."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Float32

from facsimile.errors import UserError
from facsimile.faces.mask_edges import blurred, eroded
from facsimile.faces.masks import border_fade
from facsimile.faces.shapes import Shape, tight

Use = Literal["if_any", "always", "never"]


@dataclass(frozen=True)
class Mask:
    """A shape, times the mask that the net gives, its edge moved and softened.

    Args:
        shape: Where the face is, by its landmarks.
        learned: Whether the net's own mask is multiplied in: `if_any`, `always` or `never`.
        erode: How far the edge moves inwards, in sides of the crop; outwards below 0.
        blur: Standard deviation of the Gaussian that softens it, likewise.

    Raises:
        UserError: `learned` is another word.
    """

    shape: Shape = tight
    learned: Use = "if_any"
    erode: float = 0.0
    blur: float = 0.0

    def __post_init__(self) -> None:
        if self.learned not in get_args(Use):
            raise UserError(f"learned={self.learned} of a mask must be if_any, always or never")

    def __call__(
        self,
        landmarks: Float[np.ndarray, "5 2"],
        dense: Float[np.ndarray, "n 2"] | None,
        learned: Float32[np.ndarray, "s s"] | None,
        size: int,
    ) -> Float32[np.ndarray, "s s"]:
        """Opacity of each pixel in 0..1, 0 on the border of the crop.

        Args:
            landmarks: In crop pixels.
            dense: Likewise, of a detector that finds more than five.
            learned: The net's mask of this crop, if it has any.
            size: Side of the crop, pixels.

        Raises:
            UserError: The shape needs landmarks that there are not, or `always` a mask.
        """
        mask = self.shape(landmarks, dense, size)
        if learned is None and self.learned == "always":
            raise UserError("this model gives no mask of its own: choose render/mask=tight")
        if learned is not None and self.learned != "never":
            mask = mask * learned
        edged = blurred(eroded(mask, self.erode), self.blur)
        return np.asarray(np.minimum(edged, border_fade(size)))
