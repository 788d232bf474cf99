"""Faces and their degraded copies, for restoration."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytorch_lightning as pl
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facsimile.data.batches import net_input
from facsimile.data.held_out import Photo, TestSet, degrade_once, evenly_spaced, make_test_set
from facsimile.data.steps import StepLoader, StepSampler, batches_a_step
from facsimile.data.tables import read_parquet
from facsimile.data.tint import Tint
from facsimile.degradations.protocol import Degradation
from facsimile.errors import UserError
from facsimile.filters.unsharp import unsharp_mask
from facsimile.media.image import read_image

Image = UInt8[np.ndarray, "_ _ 3"]
COLUMNS = ["path", "subject", "clip", "frame", "split"]


class TrainingCrops(Dataset[tuple[Image, Image]]):
    """Random crops (lq, gt), uint8 (size, size, 3), as a function of (seed, step, sample).

    An item is asked for by (step, index). Crops are mirrored half of the time and seen in another
    light; images smaller than the crop are reflected at their border.
    """

    def __init__(
        self, images: list[Image], light: Tint, degradation: Degradation, size: int, seed: int
    ) -> None:
        self.images = [_at_least(image, size) for image in images]
        self.light, self.degradation = light, degradation
        self.size, self.seed = size, seed

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, step_and_index: tuple[int, int]) -> tuple[Image, Image]:
        step, index = step_and_index
        rng = np.random.default_rng([self.seed, step, index])
        image = self.images[index]
        top, left = (int(rng.integers(side - self.size + 1)) for side in image.shape[:2])
        gt = image[top : top + self.size, left : left + self.size]
        gt = self.light(np.ascontiguousarray(gt[:, ::-1] if rng.random() < 0.5 else gt), rng)
        return self.degradation(gt, rng), gt


class ValidationCrops(Dataset[tuple[Image, Image]]):
    """Middle crops (lq, gt), uint8 (size, size, 3), degraded once for all."""

    def __init__(self, photos: list[Photo], degradation: Degradation, size: int) -> None:
        crops = [Photo(p.path, p.subject, _middle(p.image, size)) for p in photos]
        self.pairs = [degrade_once(crop, degradation, "val") for crop in crops]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Image, Image]:
        pair = self.pairs[index]
        return pair.lq, pair.gt


class EnhancementData(pl.LightningDataModule):
    """Batches (lq, gt), RGB float32 in 0..1, of the faces that a split by identity names.

    Args:
        faces: Folder of the face images.
        split: identity.parquet, whose `path` is relative to `faces`.
        light: What training images go through before, as part of what is to be restored.
        degradation: What training and validation images go through.
        test_degradations: What each test set goes through, by its name.
        seed: Of crops, mirroring and degradations.
        batch_size: Images a training step.
        max_steps: Training steps.
        crop_size: Side of a training crop, pixels.
        train_per_subject: At most so many images of one person, evenly spaced in time.
        val_per_subject: The same for validation.
        test_per_subject: The same for the test sets.
        sharpen_k: Unsharp masking of what is trained on (0: none); never of what is measured.
        sharpen_sigma: Its blur, pixels.
        workers: See `StepLoader`.
    """

    def __init__(
        self,
        faces: Path | str,
        split: Path | str,
        light: Tint,
        degradation: Degradation,
        test_degradations: Mapping[str, Degradation],
        seed: int,
        batch_size: int,
        max_steps: int,
        crop_size: int = 96,
        train_per_subject: int = 200,
        val_per_subject: int = 14,
        test_per_subject: int = 40,
        sharpen_k: float = 0.0,
        sharpen_sigma: float = 1.0,
        workers: int | None = None,
    ) -> None:
        super().__init__()
        self.faces, self.split = Path(faces), Path(split)
        self.light, self.degradation = light, degradation
        self.test_degradations = test_degradations
        self.seed, self.batch_size, self.max_steps = seed, batch_size, max_steps
        self.crop_size, self.workers = crop_size, workers
        self.per_subject = {
            "train": train_per_subject,
            "val": val_per_subject,
            "test": test_per_subject,
        }
        self.sharpen_k, self.sharpen_sigma = sharpen_k, sharpen_sigma

    def setup(self, stage: str) -> None:
        """Load and sharpen the training images, degrade the validation images."""
        if stage != "fit":
            return
        sharpened = [
            unsharp_mask(photo.image, self.sharpen_k, self.sharpen_sigma)
            for photo in self._photos("train")
        ]
        self.train_crops = TrainingCrops(
            sharpened, self.light, self.degradation, self.crop_size, self.seed
        )
        self.val_crops = ValidationCrops(self._photos("val"), self.degradation, self.crop_size)

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the trainer's step on, so that a resumed run goes on exactly."""
        each = batches_a_step(self.trainer)
        start = self.trainer.global_step * each if self.trainer else 0
        sampler = StepSampler(
            len(self.train_crops), self.batch_size, self.max_steps * each, self.seed, start
        )
        return StepLoader(self.train_crops, sampler, self.workers)

    def val_dataloader(self) -> DataLoader[Any]:
        """All validation crops, in a fixed order."""
        return DataLoader(self.val_crops, batch_size=2 * self.batch_size)

    def on_after_batch_transfer(
        self, batch: Sequence[Tensor], dataloader_idx: int
    ) -> tuple[Float[Tensor, "b 3 h w"], Float[Tensor, "b 3 h w"]]:
        """Turn bytes into 0..1."""
        lq, gt = (net_input(images) for images in batch)
        return lq, gt

    def test_set(self) -> TestSet:
        """The held-out people under every test degradation, native size, never sharpened."""
        return make_test_set(self._photos("test"), self.test_degradations)

    def _photos(self, split: str) -> list[Photo]:
        rows = read_parquet(self.split, COLUMNS, "split")
        rows = evenly_spaced(rows[rows["split"] == split], self.per_subject[split])
        if rows.empty:
            raise UserError(f"{self.split} has no {split} images: look at params.split")
        images = (read_image(self.faces / path) for path in rows["path"])
        return [
            Photo(path, subject, image)
            for path, subject, image in zip(rows["path"], rows["subject"], images, strict=True)
        ]


def _at_least(image: Image, size: int) -> Image:
    bottom, right = (max(0, size - side) for side in image.shape[:2])
    return np.asarray(
        cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101), np.uint8
    )


def _middle(image: Image, size: int) -> Image:
    image = _at_least(image, size)
    top, left = ((side - size) // 2 for side in image.shape[:2])
    return np.ascontiguousarray(image[top : top + size, left : left + size])
