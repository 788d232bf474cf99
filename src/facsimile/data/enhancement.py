"""Faces and their degraded copies, for restoration."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facsimile.data.batches import net_input
from facsimile.data.held_out import Photo, degrade_once, evenly_spaced
from facsimile.data.sizes import Image, at_least, middle, shrunk, stretched
from facsimile.data.steps import (
    Key,
    StepLoader,
    StepSampler,
    batches_a_step,
    share_of,
    shared,
)
from facsimile.data.tables import read_parquet
from facsimile.data.tint import Tint
from facsimile.degradations.protocol import Degradation
from facsimile.errors import UserError
from facsimile.filters.unsharp import unsharp_mask
from facsimile.media.image import read_image

COLUMNS = ["path", "subject", "clip", "frame", "split"]


class TrainingCrops(Dataset[tuple[Image, Image]]):
    """Random crops (lq, gt), uint8, as a function of (seed, step, sample), a whole batch at once.

    A sample is asked for by its `Key`; one that comes twice in a batch is drawn anew. Crops are
    seen in another light; images smaller than the crop are reflected at their border.

    Args:
        images: What crops are taken from.
        light: What a crop goes through before.
        degradation: Makes lq of gt.
        size: Side of gt, pixels; a multiple of `scale`.
        seed: Of all draws.
        scale: How much smaller lq is.
        mirror: Share of the crops that are mirrored.
    """

    def __init__(
        self,
        images: list[Image],
        light: Tint,
        degradation: Degradation,
        size: int,
        seed: int,
        scale: int = 1,
        mirror: float = 0.5,
    ) -> None:
        self.images = [at_least(image, size) for image in images]
        self.light, self.degradation = light, degradation
        self.size, self.seed, self.scale, self.mirror = size, seed, scale, mirror

    def __len__(self) -> int:
        return len(self.images)

    def __getitems__(self, keys: list[Key]) -> list[tuple[Image, Image]]:
        """The crops of these keys."""
        return [self._crop(*key) for key in keys]

    def _crop(self, step: int, index: int, before: int) -> tuple[Image, Image]:
        rng = np.random.default_rng([self.seed, step, index, before])
        image = self.images[index]
        top, left = (int(rng.integers(side - self.size + 1)) for side in image.shape[:2])
        gt = image[top : top + self.size, left : left + self.size]
        mirrored = rng.random() < self.mirror
        gt = self.light(np.ascontiguousarray(gt[:, ::-1] if mirrored else gt), rng)
        return shrunk(self.degradation(gt, rng), self.scale), gt


class ValidationCrops(Dataset[tuple[Image, Image]]):
    """Middle crops (lq, gt), uint8, degraded once for all; `size` and `scale` as in training."""

    def __init__(
        self, photos: list[Photo], degradation: Degradation, size: int, scale: int = 1
    ) -> None:
        crops = [Photo(p.path, p.subject, middle(p.image, size)) for p in photos]
        pairs = [degrade_once(crop, degradation, "val") for crop in crops]
        self.pairs = [(shrunk(pair.lq, scale), pair.gt) for pair in pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Image, Image]:
        return self.pairs[index]


class EnhancementData(pl.LightningDataModule):
    """Batches (lq, gt), RGB float32 in 0..1, of the faces that a split by identity names.

    Args:
        faces: Folder of the face images.
        split: identity.parquet, whose `path` is relative to `faces`.
        light: What training images go through before, as part of what is to be restored.
        degradation: What training and validation images go through.
        seed: Of crops, mirroring and degradations.
        batch_size: Images a training step.
        max_steps: Training steps.
        crop_size: Side of a crop that is trained on or validated with, pixels.
        image_size: Side of the squares that the images are stretched to before they are cropped;
            None leaves them as they are.
        scale: How much larger the net's output is: lq is smaller by so much.
        mirror: Share of the training crops that are mirrored.
        train_per_subject: At most so many images of one person, evenly spaced in time.
        val_per_subject: The same for validation.
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
        seed: int,
        batch_size: int,
        max_steps: int,
        crop_size: int = 96,
        image_size: int | None = None,
        scale: int = 1,
        mirror: float = 0.5,
        train_per_subject: int = 200,
        val_per_subject: int = 14,
        sharpen_k: float = 0.0,
        sharpen_sigma: float = 1.0,
        workers: int | None = None,
    ) -> None:
        super().__init__()
        self.faces, self.split = Path(faces), Path(split)
        self.light, self.degradation = light, degradation
        self.seed, self.batch_size, self.max_steps = seed, batch_size, max_steps
        if crop_size % scale:
            raise UserError(
                f"task.data_module.crop_size={crop_size}: give a multiple of {scale}, by which the "
                "net enlarges"
            )
        self.crop_size, self.image_size, self.scale = crop_size, image_size, scale
        self.mirror, self.workers = mirror, workers
        self.per_subject = {"train": train_per_subject, "val": val_per_subject}
        self.sharpen_k, self.sharpen_sigma = sharpen_k, sharpen_sigma

    def setup(self, stage: str) -> None:
        """Load and sharpen the training images, degrade the validation images."""
        if stage != "fit":
            return
        sharpened = [
            unsharp_mask(photo.image, self.sharpen_k, self.sharpen_sigma)
            for photo in self._prepared("train")
        ]
        self.train_crops = TrainingCrops(
            sharpened,
            self.light,
            self.degradation,
            self.crop_size,
            self.seed,
            self.scale,
            self.mirror,
        )
        self.val_crops = ValidationCrops(
            self._prepared("val"), self.degradation, self.crop_size, self.scale
        )

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the trainer's step on, so that a resumed run goes on exactly."""
        each = batches_a_step(self.trainer)
        start = self.trainer.global_step * each if self.trainer else 0
        sampler = StepSampler(
            len(self.train_crops), self.batch_size, self.max_steps * each, self.seed, start,
            share_of(self.trainer),
        )  # fmt: skip
        return StepLoader(self.train_crops, sampler, self.workers)

    def val_dataloader(self) -> DataLoader[Any]:
        """All validation crops, in a fixed order."""
        return DataLoader(shared(self.val_crops, self.trainer), batch_size=2 * self.batch_size)

    def on_after_batch_transfer(
        self, batch: Sequence[Tensor], dataloader_idx: int
    ) -> tuple[Float[Tensor, "b 3 y x"], Float[Tensor, "b 3 h w"]]:
        """Turn bytes into 0..1."""
        lq, gt = (net_input(images) for images in batch)
        return lq, gt

    def _prepared(self, split: str) -> list[Photo]:
        """Photos of the size that is trained on."""
        photos, side = self._photos(split), self.image_size
        if side is None:
            return photos
        return [replace(photo, image=stretched(photo.image, side)) for photo in photos]

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
