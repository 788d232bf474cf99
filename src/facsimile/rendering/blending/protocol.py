"""What a way of blending is."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8


@runtime_checkable
class Blend(Protocol):
    """Puts a face over the part of the frame that it covers."""

    def __call__(
        self,
        region: UInt8[np.ndarray, "h w 3"],
        face: Float32[np.ndarray, "h w 3"],
        opacity: Float32[np.ndarray, "h w"],
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Blend both.

        Args:
            region: The frame's pixels, RGB.
            face: What covers them, RGB in 0..1, a little beyond where it was interpolated.
            opacity: The face's, 0..1.

        Returns:
            New pixels; those of opacity 0 are the frame's.
        """
        ...
