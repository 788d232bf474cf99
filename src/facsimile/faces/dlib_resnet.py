"""Who a face is, by dlib's ResNet: a second opinion on SFace's."""

import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.align import similarity, warp
from facsimile.faces.optional import package

SIDE = 150
# dlib leaves a quarter of its mean face's square on each side
COVERAGE = 1.5


class DlibResNet:
    """dlib's `face_recognition_resnet_model_v1` (King 2017, CC0) on an aligned face.

    The crop is that of dlib's `get_face_chip`, its similarity fitted to five landmarks in place of
    68. All embeddings share much: the cosine of two people is about .84, of one person .97 and
    more, and dlib's own limit of .6 for the distance is about .91. A call holds Python's lock.
    An instance must not be called by two threads at once.

    Raises:
        UserError: dlib or its models are not installed.
    """

    same_person = 0.91  # cosine from which on two faces are taken for one person's

    def __init__(self) -> None:
        models = package("face_recognition_models")
        path = models.face_recognition_model_location()
        self._net = package("dlib").face_recognition_model_v1(path)

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], landmarks: Float[np.ndarray, "5 2"]
    ) -> Float32[np.ndarray, "128"]:
        """Return the unit embedding of the face with these landmarks (pixels of this RGB image)."""
        crop = np.ascontiguousarray(warp(image, similarity(landmarks, SIDE, COVERAGE), SIDE))
        embedding = np.array(self._net.compute_face_descriptor(crop), np.float32)
        return np.asarray(embedding / np.linalg.norm(embedding), np.float32)
