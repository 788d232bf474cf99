"""What every degradation looks like to its users."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

# RGB; float32 spans 0..1
Image = UInt8[np.ndarray, "h w 3"] | Float32[np.ndarray, "h w 3"]


@runtime_checkable
class Degradation(Protocol):
    """Makes an RGB image worse; all it draws comes from `rng`.

    float32 images, in 0..1, look like uint8 ones and are not rounded to 256 levels, unless the
    degradation itself is (a codec). Grey images, alpha and other depths raise ValueError.
    """

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return a new image of the same size and type."""
        ...
