"""What a colour transfer is."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32


@runtime_checkable
class ColourTransfer(Protocol):
    """Gives a picture the colours of another, as judged inside a mask."""

    def __call__(
        self,
        image: Float32[np.ndarray, "h w 3"],
        reference: Float32[np.ndarray, "h w 3"],
        mask: Float[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "h w 3"]:
        """Recolour all of a picture.

        Args:
            image: RGB, 0..1.
            reference: RGB, 0..1, where the colours come from.
            mask: Weights >= 0 of the pixels that count, for both pictures.

        Returns:
            RGB, 0..1. The image unchanged where the mask is empty.
        """
        ...
