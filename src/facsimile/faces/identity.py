"""Who a face is, as a direction in 128 dimensions: SFace through OpenCV's dnn module."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from facsimile.errors import UserError

SIDE = 112
# Where SFace was trained to find right eye, left eye, nose, right and left mouth corner.
TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)


class SFace:
    """SFace (Zhong et al., IEEE TIP 2021) from OpenCV Zoo's ONNX file.

    OpenCV's own `FaceRecognizerSF` throws on OpenCV 5, hence the plain network. One instance
    serves one thread at a time.

    Raises:
        UserError: the model file is missing or is no ONNX network.
    """

    same_person = 0.363  # cosine from which on OpenCV's documentation takes two faces for one's

    def __init__(self, model: Path | str) -> None:
        if not Path(model).is_file():
            raise UserError(f"no face recogniser at {model}: run `facsimile fetch`")
        try:
            # From memory: OpenCV's own reader cannot open every non-ASCII path.
            self._net = cv2.dnn.readNetFromONNX(np.fromfile(model, dtype=np.uint8))
        except cv2.error as error:
            raise UserError(f"{model} is not a network that OpenCV can read: {error}") from error

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], landmarks: Float[np.ndarray, "5 2"]
    ) -> Float[np.ndarray, "128"]:
        """Return the unit embedding of the face with these landmarks (pixels of this RGB image)."""
        crop = cv2.warpAffine(image, alignment(landmarks), (SIDE, SIDE))
        self._net.setInput(cv2.dnn.blobFromImage(crop), "data")
        embedding = self._net.forward().ravel().astype(np.float32)
        return np.asarray(embedding / np.linalg.norm(embedding), dtype=np.float32)


def alignment(landmarks: Float[np.ndarray, "5 2"]) -> Float[np.ndarray, "2 3"]:
    """Return the least-squares similarity that takes landmarks to SFace's 112x112 template.

    Points as complex numbers: z -> a z + b turns and scales but never mirrors.

    >>> alignment(TEMPLATE).round(6) + 0.0
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    points = np.asarray(landmarks, dtype=np.float64) @ np.array([1, 1j])
    wanted = TEMPLATE @ np.array([1, 1j])
    centred, centre = points - points.mean(), points.mean()
    spread = np.vdot(centred, centred).real
    a = np.vdot(centred, wanted - wanted.mean()) / max(spread, 1e-12)
    b = wanted.mean() - a * centre
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def cosine(a: Float[np.ndarray, " d"], b: Float[np.ndarray, " d"]) -> float:
    """Return the cosine of the angle between two embeddings, -1 to 1.

    >>> cosine(np.array([3.0, 0.0]), np.array([1.0, 1.0])).__round__(4)
    0.7071
    """
    return float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))
