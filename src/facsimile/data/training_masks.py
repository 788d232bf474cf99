"""Where the face is in a training picture: what mask decoders learn, and masked losses look at."""

import warnings
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.errors import UserError
from facsimile.faces.components import eyes_mouth_mask
from facsimile.faces.crop import keep_crop
from facsimile.faces.detect import Detector
from facsimile.faces.hull import hull_mask
from facsimile.faces.masks import tight_mask

Side = Literal["src", "dst"]
Points = Float32[np.ndarray, "5 2"]


class AlignedFace(NamedTuple):
    """A picture of a face, and what is known of it.

    `landmarks` are in pixels of the picture, `yaw` in degrees, `side` is whose it is.
    """

    image: UInt8[np.ndarray, "h h 3"]
    landmarks: Points
    yaw: float
    side: Side


@runtime_checkable
class TrainingMask(Protocol):
    """Draws the mask of a face, in 0..1."""

    def __call__(self, face: AlignedFace) -> Float32[np.ndarray, "h h"]:
        """The weights of the face's pixels."""
        ...


@runtime_checkable
class LearnedMask(Protocol):
    """A net that gives a person's masks."""

    def __call__(
        self, image: UInt8[np.ndarray, "h h 3"], identity: Side
    ) -> Float32[np.ndarray, "h h"]:
        """The mask in 0..1 of a face of that person."""
        ...


def tight(face: AlignedFace) -> Float32[np.ndarray, "h h"]:
    """Brows, cheeks and chin, as the head turns (`tight_mask`)."""
    return tight_mask(face.landmarks, len(face.image), face.yaw)


def components(face: AlignedFace) -> Float32[np.ndarray, "h h"]:
    """Eyes and mouth alone (`eyes_mouth_mask`)."""
    return eyes_mouth_mask(face.landmarks, len(face.image))


@dataclass(frozen=True)
class Hull:
    """The convex hull of dense landmarks (`hull_mask`), which are looked for in the picture.

    A face in which there are none gets the tight mask, and a warning says so.

    Args:
        detector: One that finds more than five, as dlib's or MediaPipe's.
        raise_brows: See `hull_mask`.

    Raises:
        UserError: The detector finds no more than five.
    """

    detector: Detector
    raise_brows: float = 0.5

    def __call__(self, face: AlignedFace) -> Float32[np.ndarray, "h h"]:
        """Draw the hull."""
        found = keep_crop(face.image, self.detector)
        if found is None:
            warnings.warn("no landmarks in some faces: they get the tight mask", stacklevel=2)
            return tight(face)
        if found.dense is None:
            raise UserError(
                "task/mask=hull needs more than five landmarks: add detector=dlib or "
                "detector=mediapipe (`make detectors` installs them)"
            )
        return hull_mask(found.dense, len(face.image), self.raise_brows)


@dataclass(frozen=True)
class Learned:
    """What a trained net says of the picture, of each side as of that person.

    Args:
        net: Gives a person's masks.
    """

    net: LearnedMask

    def __call__(self, face: AlignedFace) -> Float32[np.ndarray, "h h"]:
        """Ask the net."""
        return self.net(face.image, face.side)
