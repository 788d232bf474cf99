"""Views of the faces of a swap's two sides, and the batches that they travel in."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor
from torch.utils.data import Dataset

from facsimile.data.augment import Draws, FaceAugmentation, Parts
from facsimile.data.batches import net_input
from facsimile.data.colour_augment import Recolouring
from facsimile.data.spacing import places
from facsimile.data.steps import Key
from facsimile.data.swap_faces import Face
from facsimile.data.training_masks import Side

Pictures = dict[Side, list[Face]]
Faces = Float32[Tensor, "b _ r r"]
SIDES: tuple[Side, Side] = ("src", "dst")
VALIDATION_FACES = 64  # of each person, evenly spaced
# Sides of a crop, in those of a view: of a larger one than the first, bilinear lookups skip pixels;
# reduced to the second, it loses least to them and to blur together.
LARGEST, REDUCED = 2, 1.5


class Views(NamedTuple):
    """Of src and dst: what goes in, RGB, and what has to come out, RGB and masks."""

    inputs: UInt8[np.ndarray, "2 b r r 3"]
    targets: UInt8[np.ndarray, "2 b r r c"]


class Batch(NamedTuple):
    """Views as tensors, still bytes: fours of floats take the loader's processes far longer."""

    inputs: UInt8[Tensor, "2 b r r 3"]
    targets: UInt8[Tensor, "2 b r r c"]


class SwapSteps(Dataset[Views]):
    """A view of a face of each side for every `Key`, a whole batch at once.

    The index counts the faces of the larger side; the other side's face is drawn for it. All
    draws come from (seed, step, index), and from how often the batch has had that index before:
    no two of its views are alike.

    Args:
        faces: RGB, then the mask, then eyes and mouth, of each side. Much larger ones than the
            views are reduced first, by area.
        size: Side of the views, pixels.
        augmentation: What is random about a view.
        seed: Of all draws.
        recolouring: Faces take colours of the other side; None leaves them their own.
        fine_from: From this step on nothing is warped; None warps to the end.
    """

    def __init__(
        self,
        faces: Pictures,
        size: int,
        augmentation: FaceAugmentation,
        seed: int,
        recolouring: Recolouring | None = None,
        fine_from: int | None = None,
    ) -> None:
        self.faces = {
            side: [_parted(_not_too_large(face, size)) for face in faces[side]] for side in SIDES
        }
        self.size, self.augmentation, self.seed = size, augmentation, seed
        self.recolouring, self.fine_from = recolouring, fine_from
        self.colours = {
            side: [recolouring.measure(face) for face in faces[side]] if recolouring else []
            for side in SIDES
        }

    def __len__(self) -> int:
        return max(len(faces) for faces in self.faces.values())

    def __getitems__(self, keys: list[Key]) -> Views:
        """The views of these keys."""
        faces, draws = zip(*(self._drawn(*key) for key in keys), strict=True)
        by_side = [face for side in zip(*faces, strict=True) for face in side]
        together = Draws(*(np.concatenate(np.stack(part, 1)) for part in zip(*draws, strict=True)))
        views = self.augmentation(by_side, self.size, together)
        return Views(*(part.reshape(2, len(keys), *part.shape[1:]) for part in views))

    def _drawn(self, step: int, index: int, before: int) -> tuple[list[Parts], Draws]:
        """A face of each side, and what is random about their views."""
        rng = np.random.default_rng([self.seed, step, index, before])
        faces = [
            self._face(side, index, *numbers)
            for side, numbers in zip(SIDES, rng.random((2, 3)).tolist(), strict=True)
        ]
        numbers, nodes = self.augmentation.draw(rng, len(SIDES))
        fine = self.fine_from is not None and step >= self.fine_from
        return faces, Draws(numbers, nodes * np.float32(not fine))

    def _face(self, side: Side, index: int, drawn: float, recolour: float, other: float) -> Parts:
        """The face of that index, or else a drawn one; drawn numbers are in 0..1."""
        faces, others = self.faces[side], self.colours["dst" if side == "src" else "src"]
        place = index if len(faces) == len(self) else int(drawn * len(faces))
        if not self.recolouring or recolour >= self.recolouring.share:
            return faces[place]
        image, beside = faces[place]
        wanted = others[int(other * len(others))]
        return self.recolouring(image, self.colours[side][place], wanted), beside


class SwapPairs(Dataset[Views]):
    """Held-out faces as they are, evenly spaced, side beside side: input and target are one."""

    def __init__(self, faces: Pictures, size: int) -> None:
        self.size = size
        self.count = min(VALIDATION_FACES, *(len(side) for side in faces.values()))
        self.faces = {
            side: [faces[side][place] for place in places(len(faces[side]), self.count)]
            for side in SIDES
        }

    def __len__(self) -> int:
        return self.count

    def __getitems__(self, indices: list[int]) -> Views:
        """The faces of these places on both sides."""
        sides = [[_reduced(self.faces[side][n], self.size) for n in indices] for side in SIDES]
        targets = np.array(sides)
        return Views(np.ascontiguousarray(targets[..., :3]), targets)


def collate_faces(views: Views) -> Batch:
    """The same memory as tensors."""
    return Batch(*(torch.from_numpy(part) for part in views))


def unpack_faces(batch: Batch) -> tuple[Faces, ...]:
    """Return (src warped, src target, dst warped, dst target) in 0..1; only targets have masks."""
    (src, dst), (src_target, dst_target) = (net_input(part) for part in batch)
    return src, src_target, dst, dst_target


def _not_too_large(face: Face, size: int) -> Face:
    return face if len(face) <= LARGEST * size else _reduced(face, round(REDUCED * size))


def _parted(face: Face) -> Parts:
    """Four channels at most, and the fifth apart, as the augmentation takes them."""
    beside = np.ascontiguousarray(face[..., 4]) if face.shape[-1] > 4 else None
    return np.ascontiguousarray(face[..., :4]), beside


def _reduced(face: Face, size: int) -> UInt8[np.ndarray, "r r c"]:
    # OpenCV resizes four channels at most
    parts = (face[..., :4], face[..., 4:])
    drawn = [
        cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA) for part in parts if part.size
    ]
    return np.dstack(drawn)
