"""Who is seen in a frame, and what the subjects look like on average."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, UInt8

from facsimile.errors import UserError
from facsimile.faces.detect import Face

Detect = Callable[[UInt8[np.ndarray, "h w 3"]], list[Face]]
Embedder = Callable[[UInt8[np.ndarray, "h w 3"], Float[np.ndarray, "5 2"]], np.ndarray]


@dataclass(frozen=True)
class Sighting:
    """The foremost face of a frame: box (x, y, w, h) and landmarks in pixels, unit embedding."""

    bbox: tuple[float, float, float, float]
    landmarks: Float32[np.ndarray, "5 2"]
    embedding: Float32[np.ndarray, " d"]


@dataclass(frozen=True)
class Recognizer:
    """A detector with an embedder; one instance serves one thread at a time."""

    detector: Detect
    embedder: Embedder

    def __call__(self, image: UInt8[np.ndarray, "h w 3"]) -> Sighting | None:
        """The foremost face, or None where the detector finds none."""
        faces = self.detector(image)
        if not faces:
            return None
        face = faces[0]
        return Sighting(face.bbox, face.landmarks, self.embedder(image, face.landmarks))


def subject_embeddings(
    selected: pd.DataFrame, split: pd.DataFrame
) -> dict[str, Float32[np.ndarray, " d"]]:
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


def _mean(embeddings: Float[np.ndarray, "n d"]) -> Float32[np.ndarray, " d"]:
    mean = embeddings.astype(np.float64).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
