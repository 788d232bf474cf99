"""A random few of several degradations."""

from collections.abc import Sequence

import numpy as np

from facsimile.degradations.chain import Chain
from facsimile.degradations.protocol import Degradation, Image


class RandomSubset:
    """Applies a random subset, in the order given.

    `weights[n]` is the probability that n of the degradations are applied; which n is drawn
    uniformly. There is one weight more than there are degradations, and they sum to 1.
    """

    def __init__(self, degradations: Sequence[Degradation], weights: Sequence[float]) -> None:
        if len(weights) != len(degradations) + 1 or not np.isclose(sum(weights), 1):
            raise ValueError(
                f"weights {list(weights)} must be {len(degradations) + 1} numbers that sum to 1"
            )
        self.degradations, self.weights = tuple(degradations), np.asarray(weights, np.float64)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image after the drawn subset, possibly untouched."""
        count = int(rng.choice(len(self.weights), p=self.weights / self.weights.sum()))
        chosen = sorted(rng.permutation(len(self.degradations))[:count])
        return Chain([self.degradations[i] for i in chosen])(image, rng)
