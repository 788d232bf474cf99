"""MediaPipe's face mesh of 468 points, its networks run by OpenCV."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.errors import UserError
from facsimile.faces.align import invert, transform, warp
from facsimile.faces.boxes import overlaps
from facsimile.faces.detect import Face, prominence
from facsimile.faces.optional import folder

_NEAR = 128  # side of the detector's input
_MESH = 192  # side of the mesh's input
_GRIDS = ((16, 2), (8, 6))  # cells a side, and boxes a cell, of the detector's two maps
_OVERLAP = 0.3  # what the detector takes for one face
_AROUND = 1.5  # side of the mesh's picture in sides of the detector's box
_PRESENT = 0.5  # below this the mesh says that there is no face
# Corners and lids of the eyes, tip of the nose, corners of the mouth.
_RIGHT_EYE, _LEFT_EYE, _NOSE, _MOUTH = [33, 133, 159, 145], [362, 263, 386, 374], 1, [61, 291]


class _Found(NamedTuple):
    """What the detector says of a face, in pixels of the image, corner of the first pixel 0."""

    box: Float[np.ndarray, "4"]
    eyes: Float[np.ndarray, "2 2"]
    score: float


class FaceMesh:
    """Find faces with BlazeFace (short range) and draw the mesh of 468 points on each.

    The networks (Bazarevsky et al. 2019, Kartynnik et al. 2019) are those in the wheel of
    mediapipe 0.10.14, with the steps of its FaceMesh on still images. MediaPipe's own code is not
    run: it refuses today's protobuf. The detector sees the image scaled down to 128 pixels,
    whatever its size: faces less than a sixth of the longer side may be missed. `dense` are the
    468 points. An instance must not be called by two threads at once.

    Args:
        score_threshold: Faces scored lower are not returned, 0..1.

    Raises:
        UserError: mediapipe is not installed, or this version carries no face mesh.
    """

    def __init__(self, score_threshold: float = 0.5) -> None:
        self.score_threshold = score_threshold
        self._near = _network("face_detection/face_detection_short_range.tflite")
        self._mesh = _network("face_landmark/face_landmark.tflite")
        self._anchors = _anchors()

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image, the most prominent first."""
        faces = (self._face(image, found) for found in self._detect(image))
        return sorted((face for face in faces if face is not None), key=prominence, reverse=True)

    def _detect(self, image: UInt8[np.ndarray, "h w 3"]) -> list[_Found]:
        height, width = image.shape[:2]
        side = max(height, width)
        size = (max(1, round(width * _NEAR / side)), max(1, round(height * _NEAR / side)))
        left, top = (_NEAR - size[0]) // 2, (_NEAR - size[1]) // 2
        square = np.zeros((_NEAR, _NEAR, 3), np.uint8)
        square[top : top + size[1], left : left + size[0]] = cv2.resize(
            image, size, interpolation=cv2.INTER_AREA
        )
        self._near.setInput(cv2.dnn.blobFromImage(square, 1 / 127.5, mean=(127.5,) * 3))
        logits, raw = self._near.forward(("classificators", "regressors"))
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel().astype(np.float64), -100, 100)))
        likely = np.flatnonzero(scores >= self.score_threshold)
        # Of the box: centre, then sides; of the points: the eyes come first.
        places = raw.reshape(-1, 8, 2)[likely].astype(np.float64)
        places[:, [0, 2, 3]] += self._anchors[likely][:, None]
        places[:, [0, 2, 3]] -= [left, top]
        places *= np.array([width / size[0], height / size[1]])
        return _merged(places, scores[likely])

    def _face(self, image: UInt8[np.ndarray, "h w 3"], found: _Found) -> Face | None:
        matrix = _to_mesh(found)
        crop = warp(image, matrix, _MESH)
        self._mesh.setInput(cv2.dnn.blobFromImage(crop, 1 / 255))
        flag, points = self._mesh.forward(("conv2d_31", "conv2d_21"))
        if 1 / (1 + np.exp(-float(flag.ravel()[0]))) < _PRESENT:
            return None
        flat = points.reshape(468, 3)[:, :2].astype(np.float64) - 0.5
        dense = transform(flat, invert(matrix)).astype(np.float32)
        x, y, width, height = found.box.tolist()
        return Face((x, y, width, height), _five(dense), found.score, dense)


def _network(member: str) -> cv2.dnn.Net:
    path = folder("mediapipe") / "modules" / member
    try:
        # From memory, since OpenCV opens no non-ASCII path on some systems.
        return cv2.dnn.readNetFromTFLite(np.fromfile(path, np.uint8))
    except (OSError, cv2.error) as error:
        raise UserError(
            f"the mediapipe installed here has no usable {path.name}: run `make detectors`, "
            "which installs 0.10.14"
        ) from error


def _anchors() -> Float[np.ndarray, "896 2"]:
    """Centres of the cells that the detector's boxes are relative to, pixels of its input."""
    grids = []
    for cells, boxes in _GRIDS:
        centres = (np.arange(cells) + 0.5) * _NEAR / cells
        x, y = np.meshgrid(centres, centres)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), boxes, axis=0))
    return np.concatenate(grids)


def _merged(places: Float[np.ndarray, "n 8 2"], scores: Float[np.ndarray, " n"]) -> list[_Found]:
    """One face for each heap of boxes: their mean, weighted by score (BlazeFace, section 3.4)."""
    boxes = np.concatenate([places[:, 0] - places[:, 1] / 2, places[:, 1]], 1)
    order = np.argsort(-scores, kind="stable")
    faces = []
    while len(order):
        near = overlaps(boxes[order[:1]], boxes[order])[0] > _OVERLAP
        near[0] = True
        heap, order = order[near], order[~near]
        weights = scores[heap] / scores[heap].sum()
        box, eyes = weights @ boxes[heap], np.tensordot(weights, places[heap, 2:4], 1)
        faces.append(_Found(box, eyes, float(scores[heap[0]])))
    return faces


def _to_mesh(found: _Found) -> Float[np.ndarray, "2 3"]:
    """From image to the mesh's picture: the face upright by its eyes, in the middle."""
    across, down = found.eyes[1] - found.eyes[0]
    angle = np.arctan2(down, across)
    scale = _MESH / (_AROUND * max(float(found.box[2:].max()), 1e-3))
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = found.box[:2] + found.box[2:] / 2 - 0.5
    return np.hstack([turn, (np.full(2, _MESH / 2 - 0.5) - turn @ centre)[:, None]])


def _five(dense: Float32[np.ndarray, "468 2"]) -> Float32[np.ndarray, "5 2"]:
    eyes = [dense[_RIGHT_EYE].mean(0), dense[_LEFT_EYE].mean(0)]
    return np.stack([*eyes, dense[_NOSE], *dense[_MOUTH]])
