"""Reads the aligned faces that a swap is trained on, with the masks that travel beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from facsimile.data.held_out import evenly_spaced
from facsimile.data.tables import read_parquet
from facsimile.data.training_masks import AlignedFace, Points, Side, TrainingMask, tight
from facsimile.errors import UserError
from facsimile.faces.align import field_of_view, similarity, transform, warp
from facsimile.faces.components import eyes_mouth_mask
from facsimile.media.image import read_image

Face = UInt8[np.ndarray, "_ _ _"]

#: What is read of swap.parquet; the path begins with data_src/ or data_dst/.
COLUMNS = ["path", "split", "yaw", "crop_landmarks"]
#: What is read of identity.parquet and of selected.parquet.
PEOPLE = ["path", "subject", "clip", "frame", "split", "label"]
PLACES = ["path", "yaw", "crop_landmarks"]


@dataclass(frozen=True)
class Marks:
    """What travels beside RGB.

    Args:
        masks: The fourth channel is the mask.
        eyes_mouth: The fifth is eyes and mouth; the fourth is then there too.
        mask: Draws the mask.
    """

    masks: bool = False
    eyes_mouth: bool = False
    mask: TrainingMask = tight

    def __call__(self, face: AlignedFace) -> UInt8[np.ndarray, "h h c"]:
        """The picture with these channels."""
        masks = []
        if self.masks or self.eyes_mouth:
            masks.append(self.mask(face))
        if self.eyes_mouth:
            masks.append(eyes_mouth_mask(face.landmarks, len(face.image)))
        return np.dstack([face.image, *((mask * 255).round().astype(np.uint8) for mask in masks)])


@dataclass(frozen=True)
class FaceReader:
    """Reads the aligned faces of one side and one split, in the table's order.

    Args:
        table: swap.parquet.
        images: The folder that its paths start from.
        marks: The channels after RGB.
    """

    table: Path
    images: Path
    marks: Marks = Marks()

    def read(self, side: Side, split: str) -> list[Face]:
        """The faces, RGB and what `marks` adds.

        Raises UserError when there are none.
        """
        rows = read_parquet(self.table, COLUMNS, "split")
        rows = rows[(rows["split"] == split) & rows["path"].str.startswith(f"data_{side}/")]
        if rows.empty:
            raise UserError(
                f"{self.table} has no faces of data_{side} in the split {split}: "
                "look at the sections select and split of params.yaml"
            )
        return [self.marks(AlignedFace(*row, side)) for row in _pictures(self.images, rows)]


@dataclass(frozen=True)
class CrowdReader:
    """Reads the real faces of everybody in a split by identity: what pretraining sees.

    Nobody is on a side then; a net that learned masks is asked as for src.

    Args:
        people: identity.parquet.
        selected: selected.parquet, which has the landmarks.
        images: The folder that the paths of both start from.
        per_subject: At most so many faces of one person, evenly spaced in time, so that who was
            filmed longest does not count most.
        size: Side of the crops, pixels. Pictures that came as faces, and were kept as they are,
            are aligned to it.
        coverage: Field of view of the crops (see `similarity`).
        marks: The channels after RGB.
    """

    people: Path | str
    selected: Path | str
    images: Path | str
    per_subject: int
    size: int
    coverage: int | float | str
    marks: Marks = Marks()

    def read(self, split: str) -> list[Face]:
        """The faces by subject, clip and frame, RGB and what `marks` adds.

        Raises UserError when there are none.
        """
        rows = read_parquet(Path(self.people), PEOPLE, "split")
        rows = evenly_spaced(
            rows[(rows["split"] == split) & (rows["label"] == 0)], self.per_subject
        )
        places = read_parquet(Path(self.selected), PLACES, "select")[PLACES]
        rows = rows[PEOPLE].merge(places, on="path", validate="one_to_one")
        if rows.empty:
            raise UserError(
                f"{self.people} has no real faces in the split {split} to pretrain on: "
                "look at the section split of params.yaml"
            )
        return [
            self.marks(AlignedFace(*self._aligned(image, landmarks), yaw, "src"))
            for image, landmarks, yaw in _pictures(Path(self.images), rows)
        ]

    def _aligned(self, image: Face, landmarks: Points) -> tuple[Face, Points]:
        if image.shape[:2] == (self.size, self.size):
            return image, landmarks
        matrix = similarity(landmarks, self.size, field_of_view(self.coverage))
        return warp(image, matrix, self.size), transform(landmarks, matrix).astype(np.float32)


def _pictures(images: Path, rows: pd.DataFrame) -> Iterator[tuple[Face, Points, float]]:
    """Of each row the picture, its landmarks and its yaw."""
    columns = (rows[name] for name in ("path", "crop_landmarks", "yaw"))
    for path, landmarks, yaw in zip(*columns, strict=True):
        yield read_image(images / path), np.asarray(landmarks, np.float32).reshape(5, 2), yaw
