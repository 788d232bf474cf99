"""How a new face is made to belong into its frame."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.filters.colour.protocol import ColourTransfer
from facsimile.filters.colour.rct import reinhard
from facsimile.filters.unsharp import unsharp_mask
from facsimile.rendering.blending.feathered import feathered
from facsimile.rendering.blending.protocol import Blend
from facsimile.rendering.composite import paste
from facsimile.rendering.mask import Mask
from facsimile.rendering.sharpness import Finish, Sharpen


@dataclass(frozen=True)
class Look:
    """What is done before and after a face is swapped: mask, colour, detail, blending.

    Args:
        presharpen: Of the crop that the net sees.
        mask: Which pixels the face takes.
        colour: Gives it the target's colours.
        detail: Sharpens it, or makes it as sharp as the target.
        blend: Hides its edge.
    """

    presharpen: Sharpen = Sharpen()
    mask: Mask = Mask()
    colour: ColourTransfer = reinhard
    detail: Finish = Sharpen()
    blend: Blend = feathered

    def prepared(self, crop: UInt8[np.ndarray, "s s 3"]) -> UInt8[np.ndarray, "s s 3"]:
        """What the net is to see of a crop."""
        return unsharp_mask(crop, self.presharpen.k, self.presharpen.sigma)

    def __call__(
        self,
        frame: UInt8[np.ndarray, "h w 3"],
        crop: UInt8[np.ndarray, "s s 3"],
        face: Float32[np.ndarray, "s s 3"],
        learned: Float32[np.ndarray, "s s"] | None,
        landmarks: Float[np.ndarray, "5 2"],
        dense: Float[np.ndarray, "n 2"] | None,
        matrix: Float[np.ndarray, "2 3"],
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Put a face into its frame.

        Args:
            frame: RGB.
            crop: What of the frame the face replaces, RGB.
            face: RGB, 0..1.
            learned: The net's mask of it, 0..1, if there is one.
            landmarks: Of the crop, in its pixels.
            dense: Likewise, of a detector that finds more than five.
            matrix: Frame pixels to crop pixels.

        Returns:
            A new frame; pixels outside of the mask are untouched.
        """
        mask = self.mask(landmarks, dense, learned, len(crop))
        target = crop.astype(np.float32) / 255
        face = self.detail(self.colour(face, target, mask), target, mask)
        return paste(frame, face, mask, matrix, self.blend)
