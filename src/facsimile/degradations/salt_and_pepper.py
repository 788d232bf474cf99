"""Salt-and-pepper noise."""

import random
from collections.abc import Sequence

import albumentations
import numpy as np
from jaxtyping import UInt8


class SaltAndPepper:
    """Turns a share of the pixels black or white, as many of each, all three channels at once.

    The share is drawn uniformly from the range `amount`, a part of 1.
    """

    def __init__(self, amount: Sequence[float]) -> None:
        self.transform = albumentations.SaltAndPepper(
            amount=(float(amount[0]), float(amount[1])), salt_vs_pepper=(0.5, 0.5), p=1.0
        )

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return the noisy image."""
        self.transform.set_random_state(rng, random.Random(int(rng.integers(2**63))))
        noisy: UInt8[np.ndarray, "h w 3"] = self.transform(image=image)["image"]
        return noisy
