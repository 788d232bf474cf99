"""What every degradation looks like to its users."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8


@runtime_checkable
class Degradation(Protocol):
    """Makes an RGB image worse; all it draws comes from `rng`."""

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return a new image of the same size."""
        ...
