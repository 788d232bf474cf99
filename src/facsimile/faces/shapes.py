"""Where in the crop a face lies, by whatever landmarks there are: what masks start from."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32

from facsimile.errors import UserError
from facsimile.faces.components import eyes_mouth_mask
from facsimile.faces.hull import hull_mask
from facsimile.faces.masks import ellipse_mask, tight_mask
from facsimile.faces.quality import pose


@runtime_checkable
class Shape(Protocol):
    """Weights of a square crop, from the landmarks of the face in it."""

    def __call__(
        self,
        landmarks: Float[np.ndarray, "5 2"],
        dense: Float[np.ndarray, "n 2"] | None,
        size: int,
    ) -> Float32[np.ndarray, "size size"]:
        """Draw the shape.

        Args:
            landmarks: Eyes, nose, mouth corners; crop pixels.
            dense: All landmarks of a detector that finds more, None with one that does not.
            size: Side of the crop, pixels.

        Returns:
            Weights in 0..1.
        """
        ...


def tight(
    landmarks: Float[np.ndarray, "5 2"], dense: Float[np.ndarray, "n 2"] | None, size: int
) -> Float32[np.ndarray, "size size"]:
    """Brows, cheeks and chin, as the head turns (`tight_mask`)."""
    return tight_mask(landmarks, size, pose(landmarks).yaw)


def ellipse(
    landmarks: Float[np.ndarray, "5 2"], dense: Float[np.ndarray, "n 2"] | None, size: int
) -> Float32[np.ndarray, "size size"]:
    """The middle of the crop (`ellipse_mask`)."""
    return ellipse_mask(size)


def whole(
    landmarks: Float[np.ndarray, "5 2"], dense: Float[np.ndarray, "n 2"] | None, size: int
) -> Float32[np.ndarray, "size size"]:
    """All of the crop: what remains is up to the net's own mask."""
    return np.ones((size, size), np.float32)


def hull(
    landmarks: Float[np.ndarray, "5 2"],
    dense: Float[np.ndarray, "n 2"] | None,
    size: int,
    raise_brows: float = 0.5,
) -> Float32[np.ndarray, "size size"]:
    """The convex hull of dense landmarks (`hull_mask`).

    Raises:
        UserError: The detector finds no more than five.
    """
    if dense is None:
        raise UserError(
            "a hull needs more than five landmarks: choose detector=dlib or detector=mediapipe, "
            "or render/mask=tight"
        )
    return hull_mask(dense, size, raise_brows)


def components(
    landmarks: Float[np.ndarray, "5 2"], dense: Float[np.ndarray, "n 2"] | None, size: int
) -> Float32[np.ndarray, "size size"]:
    """Eyes and mouth alone (`eyes_mouth_mask`)."""
    return eyes_mouth_mask(landmarks if dense is None else dense, size)
