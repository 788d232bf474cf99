"""Faces of the two people of a swap, for training and validation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytorch_lightning as pl
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facsimile.data.augment import FaceAugmentation
from facsimile.data.batches import net_input
from facsimile.data.steps import StepLoader, StepSampler
from facsimile.data.tables import read_parquet
from facsimile.errors import UserError
from facsimile.faces.masks import tight_mask
from facsimile.filters.unsharp import unsharp_mask
from facsimile.media.image import read_image

Side = Literal["src", "dst"]
Sample = UInt8[np.ndarray, "4 r r c"]
Faces = Float32[Tensor, "b _ r r"]
SIDES: tuple[Side, Side] = ("src", "dst")
VALIDATION_FACES = 64  # of each person, evenly spaced

#: What is read of swap.parquet; the path begins with data_src/ or data_dst/.
COLUMNS = ["path", "split", "yaw", "crop_landmarks"]


@dataclass(frozen=True)
class FaceReader:
    """Reads the aligned faces of one side and one split, in the table's order.

    Args:
        table: swap.parquet.
        images: The folder that its paths start from.
        masks: Add the tight mask of the landmarks as a fourth channel.
    """

    table: Path
    images: Path
    masks: bool = False

    def read(self, side: Side, split: str) -> list[UInt8[np.ndarray, "h w c"]]:
        """The faces, RGB or RGB and mask.

        Raises UserError when there are none.
        """
        rows = read_parquet(self.table, COLUMNS, "split")
        rows = rows[(rows["split"] == split) & rows["path"].str.startswith(f"data_{side}/")]
        if rows.empty:
            raise UserError(
                f"{self.table} has no faces of data_{side} in the split {split}: "
                "look at the sections select and split of params.yaml"
            )
        columns = (rows[name] for name in ("path", "crop_landmarks", "yaw"))
        return [self._face(*row) for row in zip(*columns, strict=True)]

    def _face(
        self, path: str, landmarks: Float[np.ndarray, "10"], yaw: float
    ) -> UInt8[np.ndarray, "h w c"]:
        image = read_image(self.images / path)
        if not self.masks:
            return image
        points = np.asarray(landmarks, np.float32).reshape(5, 2)
        mask = tight_mask(points, image.shape[0], yaw) * 255
        return np.dstack([image, mask.round().astype(np.uint8)])


class SwapSteps(Dataset[Sample]):
    """A face of each side for every (step, index): src warped, src target, dst warped, dst target.

    The index counts the faces of the larger side; the other side's face is drawn for it. All
    draws come from (seed, step, index).
    """

    def __init__(
        self,
        faces: dict[Side, list[UInt8[np.ndarray, "h h c"]]],
        size: int,
        augmentation: FaceAugmentation,
        seed: int,
    ) -> None:
        self.faces, self.size, self.augmentation, self.seed = faces, size, augmentation, seed

    def __len__(self) -> int:
        return max(len(faces) for faces in self.faces.values())

    def __getitem__(self, key: tuple[int, int]) -> Sample:
        step, index = key
        rng = np.random.default_rng([self.seed, step, index])
        views = [self._view(self.faces[side], index, rng) for side in SIDES]
        return np.stack([picture for view in views for picture in view])

    def _view(
        self, faces: list[UInt8[np.ndarray, "h h c"]], index: int, rng: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "r r c"], UInt8[np.ndarray, "r r c"]]:
        drawn = int(rng.integers(len(faces)))
        face = faces[index if len(faces) == len(self) else drawn]
        return self.augmentation(face, self.size, rng)


class SwapPairs(Dataset[Sample]):
    """Held-out faces as they are, evenly spaced, side beside side: input and target are one."""

    def __init__(self, faces: dict[Side, list[UInt8[np.ndarray, "h h c"]]], size: int) -> None:
        self.size = size
        self.count = min(VALIDATION_FACES, *(len(side) for side in faces.values()))
        self.faces = {side: _evenly(faces[side], self.count) for side in SIDES}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        src, dst = (_reduced(self.faces[side][index], self.size) for side in SIDES)
        return np.stack([src, src, dst, dst])


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
    ) -> None:
        super().__init__()
        self.reader = FaceReader(Path(table), Path(images), masks)
        self.resolution, self.batch_size, self.max_steps = resolution, batch_size, max_steps
        self.seed, self.workers, self.augmentation = seed, workers, augmentation
        self.sharpen_k, self.sharpen_sigma = sharpen_k, sharpen_sigma

    def setup(self, stage: str) -> None:
        """Read the faces; those for training are sharpened, those for validation never."""
        if stage == "fit":
            training = {
                side: [self._sharpened(face) for face in self.reader.read(side, "train")]
                for side in SIDES
            }
            self.steps = SwapSteps(training, self.resolution, self.augmentation, self.seed)
        validation = {side: self.reader.read(side, "val") for side in SIDES}
        self.pairs = SwapPairs(validation, self.resolution)

    def train_dataloader(self) -> StepLoader:
        """Every step from the trainer's on."""
        start = self.trainer.global_step if self.trainer else 0
        sampler = StepSampler(len(self.steps), self.batch_size, self.max_steps, self.seed, start)
        return StepLoader(self.steps, sampler, self.workers, collate_faces)

    def val_dataloader(self) -> "DataLoader[Sample]":
        """The held-out faces, in order."""
        return DataLoader(self.pairs, batch_size=32, collate_fn=collate_faces)

    def on_after_batch_transfer(
        self, batch: UInt8[Tensor, "4 b r r c"], dataloader_idx: int
    ) -> tuple[Faces, ...]:
        """Turn bytes into 0..1, and name the four places."""
        return unpack_faces(batch)

    def _sharpened(self, face: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "h w c"]:
        if not self.sharpen_k:
            return face
        image = unsharp_mask(face[..., :3], self.sharpen_k, self.sharpen_sigma)
        return np.dstack([image, face[..., 3:]])


def collate_faces(samples: list[Sample]) -> UInt8[Tensor, "4 b r r c"]:
    """One tensor of bytes a batch: four of numbers take the loader's processes far longer."""
    return torch.from_numpy(np.stack(samples, axis=1))


def unpack_faces(batch: UInt8[Tensor, "4 b r r c"]) -> tuple[Faces, ...]:
    """Return (src warped, src target, dst warped, dst target) in 0..1; only targets have masks."""
    src, src_target, dst, dst_target = net_input(batch)
    return src[:, :3], src_target, dst[:, :3], dst_target


def _reduced(face: UInt8[np.ndarray, "h h c"], size: int) -> UInt8[np.ndarray, "r r c"]:
    return np.asarray(cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA))


def _evenly(
    faces: list[UInt8[np.ndarray, "h h c"]], count: int
) -> list[UInt8[np.ndarray, "h h c"]]:
    return [faces[place] for place in np.linspace(0, len(faces) - 1, count).round().astype(int)]
