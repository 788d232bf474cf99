"""A stream of frames in, the same stream with swapped faces out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.align import FaceType, similarity, transform, warp
from facsimile.inference.swap import Swapper
from facsimile.rendering.composite import Look, paste
from facsimile.rendering.track import Tracked

Image = UInt8[np.ndarray, "_ _ 3"]


@dataclass(frozen=True)
class Renderer:
    """Align, swap, recolour, blend, paste back.

    Args:
        swapper: Gives a batch of aligned crops another face.
        size: Side of the aligned crop in pixels, as faces were extracted for training.
        coverage: Its field of view, likewise.
        look: How the face is blended in.
        batch_size: Frames that are swapped at once and held in memory.
    """

    swapper: Swapper
    size: int
    coverage: float | FaceType
    look: Look
    batch_size: int = 16

    def __call__(self, tracked: Iterable[Tracked]) -> Iterator[Image]:
        """Yield one frame for each that comes in; without a face it passes unchanged."""
        stream = iter(tracked)
        while batch := list(islice(stream, self.batch_size)):
            yield from self._batch(batch)

    def _batch(self, batch: list[Tracked]) -> Iterator[Image]:
        matrices = [
            None if one.landmarks is None else similarity(one.landmarks, self.size, self.coverage)
            for one in batch
        ]
        crops = [
            warp(one.frame.image, matrix, self.size)
            for one, matrix in zip(batch, matrices, strict=True)
            if matrix is not None
        ]
        faces = self._swapped(crops)
        for one, matrix in zip(batch, matrices, strict=True):
            if matrix is None or one.landmarks is None:
                yield one.frame.image
            else:
                landmarks = transform(one.landmarks, matrix)
                yield paste(one.frame.image, *self._blended(landmarks, *next(faces)), matrix)

    def _swapped(
        self, crops: list[Image]
    ) -> Iterator[tuple[Image, Float32[np.ndarray, "_ _ 3"], Float32[np.ndarray, "_ _"] | None]]:
        """Pair each crop with its new face and the mask the net gave it, if it gives any."""
        if not crops:
            return
        faces, masks = self.swapper(np.stack(crops))
        learned = masks if masks is not None else [None] * len(crops)
        yield from zip(crops, faces, learned, strict=True)

    def _blended(
        self,
        landmarks: Float[np.ndarray, "5 2"],
        crop: Image,
        face: Float32[np.ndarray, "h w 3"],
        learned: Float32[np.ndarray, "h w"] | None,
    ) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w"]]:
        """The recoloured face of a crop and its mask, times the net's own where it has one."""
        mask = self.look.mask_of(landmarks, self.size)
        mask = mask if learned is None else mask * learned
        return self.look.coloured(face, crop, mask), mask
