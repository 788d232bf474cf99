"""MTCNN, the cascade of three small networks that most data sets of the field were cut with."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from facsimile.faces.bounded import enlarge, pad, shrink
from facsimile.faces.detect import Face, prominence
from facsimile.faces.optional import package

_SHORTEST = 64  # an image less high or wide than the smallest face has no scale to search

_BATCH = 16  # keeps a GPU busy; frames of 4K take 25 MB each


class Mtcnn:
    """Find faces with MTCNN (Zhang et al., SPL 2016) as facenet-pytorch carries it.

    An instance must not be called by two threads at once.

    Args:
        score_threshold: Faces with a lower probability are not returned, 0..1; the last network's
            own threshold is 0.7.
        max_side: Larger images are scaled down to this for detection, pixels.
        min_face: Smaller faces are not looked for, pixels of the image scaled down; twice as large
            is nearly four times as fast.
        device: Where the networks run, in torch's words; None is a GPU where there is one.
        batch_size: Frames that extraction hands over at once; None for 16 on a GPU, 1 elsewhere.

    Raises:
        UserError: facenet-pytorch is not installed.
    """

    def __init__(
        self,
        score_threshold: float = 0.6,
        max_side: int = 640,
        min_face: int = 20,
        device: str | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.score_threshold, self.max_side = score_threshold, max_side
        chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.batch_size = batch_size or (1 if chosen == "cpu" else _BATCH)
        self._net = package("facenet_pytorch").MTCNN(
            min_face_size=min_face, keep_all=True, device=torch.device(chosen)
        )

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> list[Face]:
        """The faces of an RGB image, the most prominent first."""
        return self.detect_batch([image])[0]

    def detect_batch(self, images: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> list[list[Face]]:
        """The faces of each of several images of one size."""
        if not images:
            return []
        shrunken = [shrink(image, self.max_side) for image in images]
        batch = np.stack([pad(small, _SHORTEST) for small, _ in shrunken])
        found = zip(*self._net.detect(batch, landmarks=True), strict=True)
        return [
            self._faces(boxes, scores, points, scale)
            for (boxes, scores, points), (_, scale) in zip(found, shrunken, strict=True)
        ]

    def _faces(
        self, boxes: object, scores: object, points: object, scale: np.ndarray
    ) -> list[Face]:
        if boxes is None:
            return []
        corners = np.asarray(boxes, np.float32).reshape(-1, 4)
        landmarks = np.asarray(points, np.float32).reshape(-1, 5, 2)
        chances = np.asarray(scores, np.float32).ravel().tolist()
        faces = [
            enlarge(_face(corner, five, chance), scale)
            for corner, five, chance in zip(corners, landmarks, chances, strict=True)
            if chance >= self.score_threshold
        ]
        return sorted(faces, key=prominence, reverse=True)


def _face(
    corners: Float32[np.ndarray, "4"], points: Float32[np.ndarray, "5 2"], score: float
) -> Face:
    left, top, right, bottom = corners.tolist()
    return Face((left, top, right - left, bottom - top), points, min(max(score, 0.0), 1.0))
