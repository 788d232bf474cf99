"""Salt-and-pepper noise."""

import albumentations
import numpy as np
from jaxtyping import Shaped

from facsimile.degradations.albumentation import Albumentation
from facsimile.degradations.ranges import Range, span


class SaltAndPepper(Albumentation):
    """Turns a share of the pixels black or white, as many of each.

    Args:
        amount: The share, a part of 1, drawn uniformly.
        per_channel: Whether it is a share of all channels' values, each hit on its own, which
            leaves coloured dots; else all three channels of a pixel are hit at once.
    """

    def __init__(self, amount: Range, per_channel: bool = False) -> None:
        self.per_channel = per_channel
        super().__init__(
            albumentations.SaltAndPepper(
                amount=span(amount, 0, 1), salt_vs_pepper=(0.5, 0.5), p=1.0
            )
        )

    def apply(
        self, image: Shaped[np.ndarray, "h w c"], rng: np.random.Generator
    ) -> Shaped[np.ndarray, "h w c"]:
        """Hit pixels, or values as if they were grey pixels."""
        if not self.per_channel:
            return super().apply(image, rng)
        return super().apply(image.reshape(len(image), -1, 1), rng).reshape(image.shape)
