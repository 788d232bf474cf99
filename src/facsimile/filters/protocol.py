"""What every restoring filter looks like to its users."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8


@runtime_checkable
class Filter(Protocol):
    """Makes another RGB image of one image, without looking at anything else."""

    def __call__(self, image: UInt8[np.ndarray, "h w 3"], /) -> UInt8[np.ndarray, "h w 3"]:
        """Return a new image of the same size."""
        ...
