"""Faces of the two people of a swap, for training and validation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader

from facsimile.data.augment import FaceAugmentation
from facsimile.data.colour_augment import Recolouring
from facsimile.data.steps import StepLoader, StepSampler, batches_a_step, share_of, shared
from facsimile.data.swap_faces import CrowdReader, Face, FaceReader, Marks
from facsimile.data.swap_views import (
    SIDES,
    Batch,
    Faces,
    Pictures,
    SwapPairs,
    SwapSteps,
    Views,
    collate_faces,
    unpack_faces,
)
from facsimile.data.training_masks import TrainingMask, tight
from facsimile.filters.unsharp import unsharp_mask


class SwapData(pl.LightningDataModule):
    """Batches (src warped, src target, dst warped, dst target), NCHW float32 in 0..1.

    All faces are kept in memory, a few tens of megabytes. Training starts at the trainer's step,
    so that a resumed run sees what an undisturbed one would have seen.

    Args:
        table: swap.parquet of `split`.
        images: The folder that its paths start from.
        resolution: Side of the net's images, pixels.
        batch_size: Faces of each person.
        max_steps: Steps of the whole training.
        seed: Of every draw.
        workers: See `StepLoader`.
        augmentation: Of the training faces.
        sharpen_k: Gain of the unsharp masking of the training faces; 0 leaves them alone.
        sharpen_sigma: Its blur's width, pixels of the crop.
        masks: Whether targets carry a mask as their fourth channel.
        mask: Draws it.
        eyes_mouth: Whether eyes and mouth are their fifth channel; they have the fourth then too.
        fine_share: Share of the steps, the last ones, in which nothing is warped.
        colour_transfer: How faces take the other person's colours: none, rct, lct or mkl.
        colour_transfer_share: Probability that one does.
        pretrain: Both sides draw from everybody's faces instead of two people's.
        crowd: Who everybody is.
    """

    def __init__(
        self,
        table: Path | str,
        images: Path | str,
        resolution: int,
        batch_size: int,
        max_steps: int,
        seed: int,
        workers: int | None = None,
        augmentation: FaceAugmentation = FaceAugmentation(),  # noqa: B008  immutable
        sharpen_k: float = 0.0,
        sharpen_sigma: float = 1.0,
        masks: bool = False,
        mask: TrainingMask = tight,
        eyes_mouth: bool = False,
        fine_share: float = 0.0,
        colour_transfer: str = "none",
        colour_transfer_share: float = 0.5,
        pretrain: bool = False,
        crowd: CrowdReader | None = None,
    ) -> None:
        super().__init__()
        if pretrain and crowd is None:
            raise ValueError("pretraining needs a crowd")
        marks = Marks(masks, eyes_mouth, mask)
        self.reader = FaceReader(Path(table), Path(images), marks)
        self.crowd = replace(crowd, marks=marks) if crowd and pretrain else None
        self.resolution, self.batch_size, self.max_steps = resolution, batch_size, max_steps
        self.seed, self.workers, self.augmentation = seed, workers, augmentation
        self.sharpen_k, self.sharpen_sigma = sharpen_k, sharpen_sigma
        self.recolouring = (
            None
            if colour_transfer == "none"
            else Recolouring(colour_transfer, colour_transfer_share)
        )
        self.fine_share = fine_share

    def setup(self, stage: str) -> None:
        """Read the faces; those for training are sharpened, those for validation never."""
        if stage == "fit":
            self.steps = SwapSteps(
                self._training_faces(), self.resolution, self.augmentation, self.seed,
                self.recolouring, self._batches(1 - self.fine_share),
            )  # fmt: skip
        self.pairs = SwapPairs(self._faces("val"), self.resolution)

    def train_dataloader(self) -> StepLoader:
        """Every batch from the trainer's step on; several a step where gradients accumulate."""
        start = self.trainer.global_step * batches_a_step(self.trainer) if self.trainer else 0
        sampler = StepSampler(
            len(self.steps), self.batch_size, self._batches(), self.seed, start,
            share_of(self.trainer),
        )  # fmt: skip
        return StepLoader(self.steps, sampler, self.workers, collate_faces)

    def val_dataloader(self) -> "DataLoader[Views]":
        """The held-out faces, in order."""
        collate: Any = collate_faces  # of a batch that the data set has made, not of a list
        return DataLoader(shared(self.pairs, self.trainer), batch_size=32, collate_fn=collate)

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> tuple[Faces, ...]:
        """Turn bytes into 0..1, and name the four places."""
        return unpack_faces(batch)

    def _batches(self, share: float = 1.0) -> int:
        """How many batches a share of the steps takes."""
        return round(share * self.max_steps) * batches_a_step(self.trainer)

    def _faces(self, split: str) -> Pictures:
        if self.crowd:
            faces = self.crowd.read(split)
            return dict.fromkeys(SIDES, faces)
        return {side: self.reader.read(side, split) for side in SIDES}

    def _training_faces(self) -> Pictures:
        faces = self._faces("train")
        if self.crowd:
            # another order: the same face on both sides would halve what a batch shows
            order = np.random.default_rng(self.seed).permutation(len(faces["dst"]))
            faces["dst"] = [faces["dst"][place] for place in order]
        return {side: [self._sharpened(face) for face in faces[side]] for side in SIDES}

    def _sharpened(self, face: Face) -> Face:
        if not self.sharpen_k:
            return face
        image = unsharp_mask(face[..., :3], self.sharpen_k, self.sharpen_sigma)
        return np.dstack([image, face[..., 3:]])
