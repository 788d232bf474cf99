"""dlib's HOG face detector with its 68 landmarks: what the papers of the field use."""

import numpy as np
from jaxtyping import Float32, UInt8

from facsimile.faces.bounded import enlarge, shrink
from facsimile.faces.detect import Face, prominence
from facsimile.faces.optional import package

_LOWEST = -1.0  # of HOG's margin: below it nearly all that is found is no face


class DlibHog:
    """Find faces with dlib's HOG detector (King 2009) and 68 landmarks (Kazemi & Sullivan 2014).

    The landmark predictor starts from HOG's own box, which it was trained with. The five points
    are the means of the six points round each eye, the tip of the nose (30) and the mouth corners
    (48, 54); `dense` are all 68. An instance must not be called by two threads at once.

    Args:
        score_threshold: Faces scored lower are not returned, 0..1. The score is 1 / (1 + e^-m) of
            HOG's margin m: dlib's own threshold, m = 0, is 0.5.
        max_side: Larger images are scaled down to this for detection, pixels.
        upsample: How many times the image is doubled first. HOG's smallest face is 80 pixels wide;
            each doubling halves that and takes four times as long.

    Raises:
        UserError: dlib or its landmarks are not installed.
    """

    def __init__(
        self, score_threshold: float = 0.5, max_side: int = 640, upsample: int = 1
    ) -> None:
        self.score_threshold, self.max_side, self.upsample = score_threshold, max_side, upsample
        self._dlib = package("dlib")
        models = package("face_recognition_models")
        self._detector = self._dlib.get_frontal_face_detector()
        self._predictor = self._dlib.shape_predictor(models.pose_predictor_model_location())

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image, the most prominent first."""
        small, scale = shrink(image, self.max_side)
        small = np.ascontiguousarray(small)
        boxes, margins, _ = self._detector.run(small, self.upsample, self._least())
        faces = (
            self._face(small, box, _score(margin))
            for box, margin in zip(boxes, margins, strict=True)
        )
        found = [enlarge(face, scale) for face in faces if face.score >= self.score_threshold]
        return sorted(found, key=prominence, reverse=True)

    def _least(self) -> float:
        """HOG's margin at the threshold."""
        share = min(max(self.score_threshold, 1e-6), 1 - 1e-6)
        return max(float(np.log(share / (1 - share))), _LOWEST)

    def _face(self, image: UInt8[np.ndarray, "h w 3"], box: object, score: float) -> Face:
        shape = self._predictor(image, box)
        dense = np.array([(point.x, point.y) for point in shape.parts()], np.float32)
        rect = shape.rect
        bbox = (float(rect.left()), float(rect.top()), float(rect.width()), float(rect.height()))
        return Face(bbox, _five(dense), score, dense)


def _score(margin: float) -> float:
    return float(1 / (1 + np.exp(-margin)))


def _five(dense: Float32[np.ndarray, "68 2"]) -> Float32[np.ndarray, "5 2"]:
    eyes = [dense[36:42].mean(0), dense[42:48].mean(0)]
    return np.stack([*eyes, dense[30], dense[48], dense[54]])
