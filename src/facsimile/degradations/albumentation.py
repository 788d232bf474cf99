"""Albumentations' transforms, with all that they draw coming from the generator given."""

import random

import albumentations
import numpy as np
from jaxtyping import Shaped

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image


class Albumentation:
    """One transform of albumentations as a degradation; it is always applied."""

    def __init__(self, transform: albumentations.ImageOnlyTransform) -> None:
        self.transform = transform

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the transformed image."""
        white(image)  # albumentations takes images of any kind, to another effect
        return like(image, self.apply(image, rng))

    def apply(
        self, image: Shaped[np.ndarray, "h w c"], rng: np.random.Generator
    ) -> Shaped[np.ndarray, "h w c"]:
        """Seed the transform and run it."""
        self.transform.set_random_state(rng, random.Random(int(rng.integers(2**63))))
        return np.asarray(self.transform(image=image)["image"])
