"""Faces and whether they are fake, for detection."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytorch_lightning as pl
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facsimile.data.balanced import BalancedSampler, Labels
from facsimile.data.batches import net_input
from facsimile.data.detection_faces import (
    SEEN,
    both_kinds,
    check_apart,
    labelled_faces,
    seen_names,
    shuffled_labels,
    spaced,
)
from facsimile.data.held_out import Photo, degrade_once
from facsimile.data.sizes import Image, squared
from facsimile.data.steps import (
    Key,
    StepLoader,
    batches_a_step,
    share_of,
    shared,
)
from facsimile.degradations.protocol import Degradation
from facsimile.errors import UserError
from facsimile.media.image import read_image

_TURNED = 0.5  # share of the crops that are rotated at all, as in DeepfakeBench


class TrainingFaces(Dataset[tuple[Image, int]]):
    """Faces with their labels, seen mirrored, turned and degraded, as uint8.

    What is done to one is a function of (seed, step, sample), a whole batch at once.

    Args:
        files: Of the faces.
        labels: 1 for a fake, 0 for a real face.
        degradation: What a face goes through at the end.
        size: Side of the square that is learnt from, pixels.
        seed: Of all draws.
        mirror: Share of the faces that are mirrored.
        rotation: By how much half of the faces are turned at most to either side, degrees.
    """

    def __init__(
        self,
        files: Sequence[str],
        labels: Labels,
        degradation: Degradation,
        size: int,
        seed: int,
        mirror: float = 0.5,
        rotation: float = 10.0,
    ) -> None:
        self.files, self.labels, self.degradation = files, labels, degradation
        self.size, self.seed, self.mirror, self.rotation = size, seed, mirror, rotation

    def __len__(self) -> int:
        return len(self.files)

    def __getitems__(self, keys: list[Key]) -> list[tuple[Image, int]]:
        """The faces of these keys."""
        return [self._face(*key) for key in keys]

    def _face(self, step: int, index: int, before: int) -> tuple[Image, int]:
        rng = np.random.default_rng([self.seed, step, index, before])
        image = squared(read_image(Path(self.files[index])), self.size)
        mirrored, turned = rng.random() < self.mirror, rng.random() < _TURNED
        angle = float(rng.uniform(-self.rotation, self.rotation))
        if mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        if turned and angle:
            image = _rotated(image, angle)
        return self.degradation(image, rng), int(self.labels[index])


class HeldOutFaces(Dataset[tuple[Image, int]]):
    """Faces in the size of the training with their labels, uint8.

    Args:
        rows: Of `labelled_faces`.
        size: Side of the square, pixels.
        degradation: What a face goes through before it is brought to that size; see `degrade_once`.
    """

    def __init__(
        self, rows: pd.DataFrame, size: int, degradation: Degradation | None = None
    ) -> None:
        self.rows, self.size, self.degradation = rows, size, degradation

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Image, int]:
        row = self.rows.iloc[index]
        image = read_image(Path(row["file"]))
        if self.degradation is not None:
            photo = Photo(row["path"], row["subject"], image)
            image = degrade_once(photo, self.degradation, "test").lq
        return squared(image, self.size), int(row["label"])


class DetectionData(pl.LightningDataModule):
    """Batches of faces, RGB float32 in 0..1, and their labels, float32: 1 for a fake.

    Protocol: Yan et al. 2023, "DeepfakeBench": 32 frames a video, mirroring, turning, and what the
    degradation does. Training batches hold as many real as fake faces.

    Args:
        faces: Folder that holds a folder of face images for each data set.
        splits: Likewise of identity.parquet.
        data: Names of the data sets that are learnt from, all of them together.
        degradation: What a training face goes through.
        seed: Of order, mirroring, turning and degradation.
        batch_size: Faces a training step; even.
        max_steps: Training steps.
        crop_size: Side of the squares that the faces are brought to, pixels.
        frames: At most so many faces of a video and label, evenly spaced.
        mirror: Share of the training faces that are mirrored.
        rotation: By how much half of them are turned at most, degrees.
        shuffled_labels: Learn from labels that say nothing, as a control; see `shuffled_labels`.
            Those of the validation stay.
        workers: See `StepLoader`.

    Raises:
        UserError: `batch_size` is odd.
    """

    def __init__(
        self,
        faces: Path | str,
        splits: Path | str,
        data: Sequence[str],
        degradation: Degradation,
        seed: int,
        batch_size: int,
        max_steps: int,
        crop_size: int = 128,
        frames: int = 32,
        mirror: float = 0.5,
        rotation: float = 10.0,
        shuffled_labels: bool = False,
        workers: int | None = None,
    ) -> None:
        super().__init__()
        if batch_size % 2:
            raise UserError(
                f"task.data_module.batch_size={batch_size}: give an even number, half of a batch "
                "is real and half of it fake"
            )
        self.faces, self.splits, self.data = Path(faces), Path(splits), list(data)
        self.degradation, self.seed, self.workers = degradation, seed, workers
        self.batch_size, self.max_steps, self.crop_size = batch_size, max_steps, crop_size
        self.frames, self.mirror, self.rotation = frames, mirror, rotation
        self.shuffled_labels = shuffled_labels

    def setup(self, stage: str) -> None:
        """Find the faces of training and validation, nobody in both; `seen` tells of whom they are.

        Raises:
            UserError: A table is missing, faces have no label, a kind has none, or splits leak.
        """
        if stage != "fit":
            return
        rows = labelled_faces(self.faces, self.splits, self.data)
        check_apart(rows)
        self.seen, where = seen_names(rows), " and ".join(self.data)
        train, val = (spaced(both_kinds(rows, one, where), self.frames) for one in SEEN)
        told = shuffled_labels(train, self.seed) if self.shuffled_labels else _labels(train)
        self.train_faces = TrainingFaces(
            list(train["file"]), told, self.degradation, self.crop_size, self.seed,
            self.mirror, self.rotation,
        )  # fmt: skip
        self.val_faces = HeldOutFaces(val, self.crop_size)

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the trainer's step on, so that a resumed run goes on exactly."""
        each = batches_a_step(self.trainer)
        start = self.trainer.global_step * each if self.trainer else 0
        sampler = BalancedSampler(
            self.train_faces.labels, self.batch_size, self.max_steps * each, self.seed, start,
            share_of(self.trainer),
        )  # fmt: skip
        return StepLoader(self.train_faces, sampler, self.workers)

    def val_dataloader(self) -> DataLoader[Any]:
        """All validation faces, in a fixed order."""
        return DataLoader(shared(self.val_faces, self.trainer), batch_size=2 * self.batch_size)

    def on_after_batch_transfer(
        self, batch: Sequence[Tensor], dataloader_idx: int
    ) -> tuple[Float[Tensor, "b 3 s s"], Float[Tensor, " b"]]:
        """Turn bytes into 0..1, and labels into what the loss takes."""
        images, labels = batch
        return net_input(images), labels.float()


def _labels(rows: pd.DataFrame) -> Labels:
    return rows["label"].to_numpy(np.int64)


def _rotated(image: Image, degrees: float) -> Image:
    """Turn about the middle; the border is reflected, as in DeepfakeBench."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turned = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(turned, np.uint8)
