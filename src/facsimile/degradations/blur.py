"""Gaussian blur."""

import random
from collections.abc import Sequence

import albumentations
import numpy as np
from jaxtyping import UInt8


class Blur:
    """Blurs with a Gaussian whose sigma (pixels) is drawn uniformly from a range."""

    def __init__(self, sigma: Sequence[float]) -> None:
        self.transform = albumentations.GaussianBlur(
            blur_limit=0, sigma_limit=(float(sigma[0]), float(sigma[1])), p=1.0
        )

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return the blurred image."""
        self.transform.set_random_state(rng, random.Random(int(rng.integers(2**63))))
        blurred: UInt8[np.ndarray, "h w 3"] = self.transform(image=image)["image"]
        return blurred
