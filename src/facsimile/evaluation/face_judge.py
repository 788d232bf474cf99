"""How much the face in a frame looks like a fake to a trained detector."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from scipy.special import expit
from torch import nn

from facsimile.data.sizes import squared
from facsimile.evaluation.fake_logits import fake_logits
from facsimile.faces.align import FaceType, similarity, warp


@dataclass(frozen=True)
class FaceJudge:
    """Aligns a face as before the detector's training, and scores it.

    Args:
        net: Faces to logits, in evaluation mode.
        image_size: Side of the aligned crops that it was trained on, pixels.
        coverage: Their field of view (see `similarity`).
        crop_size: Side of the squares in their middle that it saw, pixels.
    """

    net: nn.Module
    image_size: int
    coverage: float | FaceType
    crop_size: int

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], landmarks: Float[np.ndarray, "5 2"]
    ) -> float:
        """The score of being fake, 0..1, of the face with these landmarks, pixels of the frame."""
        matrix = similarity(landmarks, self.image_size, self.coverage)
        square = squared(warp(image, matrix, self.image_size), self.crop_size)
        return float(expit(fake_logits(self.net, square[None])[0]))
