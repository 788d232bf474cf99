"""Who is seen in a frame and what the face does, and what the subjects look like on average."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, UInt8

from facsimile.data.spacing import places
from facsimile.errors import UserError
from facsimile.faces.detect import Face
from facsimile.faces.expression import Expression, expression
from facsimile.media.image import read_image

Image = UInt8[np.ndarray, "h w 3"]
Detect = Callable[[Image], list[Face]]
Embedder = Callable[[Image, Float[np.ndarray, "5 2"]], np.ndarray]
Judge = Callable[[Image, Float[np.ndarray, "5 2"]], float]
Embedding = Float32[np.ndarray, "_"]

_REFERENCES = 24  # training faces of a subject that stand for all


@dataclass(frozen=True)
class Sighting:
    """The foremost face of a frame: box (x, y, w, h) and landmarks in pixels, unit embeddings.

    `expression` is None without dense landmarks; `fake` is the score of being fake, 0..1.
    """

    bbox: tuple[float, float, float, float]
    landmarks: Float32[np.ndarray, "5 2"]
    embedding: Embedding | None = None
    second_embedding: Embedding | None = None
    expression: Expression | None = None
    fake: float | None = None


@dataclass(frozen=True)
class Recognizer:
    """A detector with what looks at the face; one instance serves one thread at a time.

    Args:
        detector: Finds the face, with five landmarks.
        embedder: Says whose it is.
        second_embedder: Says it independently.
        dense_detector: Finds the landmarks of eyes and lips.
        judge: Says how much the face looks like a fake.
        every: In every so many-th frame the embedder and the judge look.
        second_every: Likewise the second one.
    """

    detector: Detect
    embedder: Embedder
    second_embedder: Embedder | None = None
    dense_detector: Detect | None = None
    judge: Judge | None = None
    every: int = 1
    second_every: int = 1

    def __call__(self, image: Image, index: int = 0) -> Sighting | None:
        """The foremost face of the frame with this index, or None where there is none."""
        faces = self.detector(image)
        if not faces:
            return None
        points = faces[0].landmarks
        second = self.second_embedder if index % self.second_every == 0 else None
        judge = self.judge if index % self.every == 0 else None
        return Sighting(
            bbox=faces[0].bbox,
            landmarks=points,
            embedding=None if index % self.every else self.embedder(image, points),
            second_embedding=None if second is None else second(image, points),
            expression=self._expression(image, points),
            fake=None if judge is None else judge(image, points),
        )

    def _expression(self, image: Image, points: Float32[np.ndarray, "5 2"]) -> Expression | None:
        faces = self.dense_detector(image) if self.dense_detector is not None else []
        if not faces:
            return None
        nearest = min(faces, key=lambda face: float(np.abs(face.landmarks - points).sum()))
        return expression(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), nearest.dense)


def subject_embeddings(selected: pd.DataFrame, split: pd.DataFrame) -> dict[str, Embedding]:
    """Each subject's mean embedding over the training faces, of unit norm.

    Args:
        selected: clip, frame and embedding of each selected face.
        split: subject, clip, frame and split of the swap pair's faces.

    Raises:
        UserError: no face of the training split has an embedding.
    """
    train = split.loc[split["split"] == "train", ["subject", "clip", "frame"]]
    known = train.merge(selected[["clip", "frame", "embedding"]], on=["clip", "frame"])
    if known.empty:
        raise UserError(
            "no training face of swap.parquet is in selected.parquet: run select and split again"
        )
    groups = known.groupby("subject")["embedding"]
    return {str(subject): _mean(np.stack(faces.to_list())) for subject, faces in groups}


def embed_subjects(split: pd.DataFrame, root: Path, embedder: Embedder) -> dict[str, Embedding]:
    """Each subject's mean embedding, of unit norm, over some evenly spaced training faces.

    Args:
        split: path below `root`, subject, split and crop_landmarks (ten numbers, pixels).
        root: The folder of the selected faces.
        embedder: Any.
    """
    groups = split[split["split"] == "train"].groupby("subject")
    return {str(subject): _mean(_embedded(faces, root, embedder)) for subject, faces in groups}


def _embedded(faces: pd.DataFrame, root: Path, embedder: Embedder) -> Float32[np.ndarray, "n d"]:
    chosen = faces.iloc[places(len(faces), _REFERENCES)]
    return np.stack(
        [
            embedder(read_image(root / path), np.reshape(points, (5, 2)))
            for path, points in zip(chosen["path"], chosen["crop_landmarks"], strict=True)
        ]
    )


def _mean(embeddings: Float[np.ndarray, "n d"]) -> Embedding:
    mean = embeddings.astype(np.float64).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
