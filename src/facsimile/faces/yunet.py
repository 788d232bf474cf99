"""YuNet, OpenCV's light face detector with five landmarks."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.errors import UserError
from facsimile.faces.bounded import enlarge, pad, shrink
from facsimile.faces.detect import Face, prominence

# At up to 32 pixels the net's coarsest map has one row only, and OpenCV's boxes are at infinity.
_SHORTEST = 64


class YuNet:
    """Find faces with YuNet (Wu et al., Machine Intelligence Research 2023), on the CPU.

    An instance must not be called by two threads at once.

    Args:
        model: The ONNX file of OpenCV's model zoo.
        score_threshold: Faces scored lower are not returned, 0..1.
        max_side: Larger images are scaled down to this for detection, pixels.

    Raises:
        UserError: There is no such model, or it is none.
    """

    def __init__(
        self, model: Path | str, score_threshold: float = 0.6, max_side: int = 640
    ) -> None:
        self.max_side = max_side
        try:
            # From memory, since OpenCV opens no non-ASCII path on some systems.
            weights = np.fromfile(model, np.uint8)
            self._net = cv2.FaceDetectorYN.create(
                "onnx", weights, np.empty(0, np.uint8), (320, 320), score_threshold
            )
        except (OSError, cv2.error) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no YuNet model"
            raise UserError(
                f"cannot load the face detector {model}: {reason}; run `facsimile fetch`, "
                "or give another with detector.model=FILE"
            ) from error

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image, the most prominent first."""
        small, scale = shrink(image, self.max_side)
        padded = pad(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), np.uint8), _SHORTEST)
        self._net.setInputSize(padded.shape[1::-1])
        _, rows = self._net.detect(padded)
        faces = [enlarge(_face(row), scale) for row in (rows if rows is not None else ())]
        return sorted(faces, key=prominence, reverse=True)


def _face(row: Float32[np.ndarray, "15"]) -> Face:
    x, y, width, height = row[:4].tolist()
    return Face((x, y, width, height), row[4:14].reshape(5, 2), float(row[14]))
