"""A stream of frames in, the same stream with swapped faces out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float, Float32, UInt8

from facsimile.faces.align import FaceType, similarity, transform, warp
from facsimile.inference.swap import Swapper
from facsimile.rendering.look import Look
from facsimile.rendering.smoothing import Smoothing
from facsimile.rendering.track import Tracked
from facsimile.threads import in_order

Image = UInt8[np.ndarray, "_ _ 3"]
Face = Float32[np.ndarray, "_ _ 3"]
Mask = Float32[np.ndarray, "_ _"]
Points = Float[np.ndarray, "_ 2"]
Matrix = Float[np.ndarray, "2 3"]
Place = tuple[Points, Points | None, Matrix]  # landmarks of a crop, and what led to it
NewFace = tuple[Image, Face, Mask | None, Points, Points | None, Matrix]  # as `Look` takes it

_COMPOSERS = 2  # threads that put faces into frames, while one runs the net


@dataclass(frozen=True)
class Renderer:
    """Align, swap, put back.

    Args:
        swapper: Gives a batch of aligned crops another face.
        size: Side of the aligned crop in pixels, as faces were extracted for training.
        coverage: Its field of view, likewise.
        look: How the face is made to belong into its frame.
        batch_size: Frames that are swapped at once and held in memory.
        smoothing: Of the landmarks over time.
    """

    swapper: Swapper
    size: int
    coverage: float | FaceType
    look: Look
    batch_size: int = 16
    smoothing: Smoothing = Smoothing()

    def __call__(self, tracked: Iterable[Tracked]) -> Iterator[Image]:
        """Yield one frame for each that comes in; without a face it passes unchanged."""
        return in_order([self.look] * _COMPOSERS, _composed, self._prepared(tracked))

    def _prepared(self, tracked: Iterable[Tracked]) -> Iterator[tuple[Image, list[NewFace]]]:
        """Frames with what is to be put into them."""
        stream = self.smoothing(tracked)
        while batch := list(islice(stream, self.batch_size)):
            aligned = [self._aligned(one) for one in batch]
            swapped = self._swapped([crop for some in aligned for crop, _ in some])
            for one, some in zip(batch, aligned, strict=True):
                faces = [(crop, *next(swapped), *where) for crop, where in some]
                yield one.frame.image, faces

    def _aligned(self, one: Tracked) -> list[tuple[Image, Place]]:
        aligned = []
        for face in one.faces:
            matrix = similarity(face.five, self.size, self.coverage)
            dense = None if face.dense is None else transform(face.dense, matrix)
            crop = warp(one.frame.image, matrix, self.size)
            aligned.append((crop, (transform(face.five, matrix), dense, matrix)))
        return aligned

    def _swapped(self, crops: list[Image]) -> Iterator[tuple[Face, Mask | None]]:
        """The new face of each crop, and the mask that the net gave it, if it gives any."""
        if not crops:
            return
        faces, masks = self.swapper(np.stack([self.look.prepared(crop) for crop in crops]))
        learned = masks if masks is not None else [None] * len(crops)
        yield from zip(faces, learned, strict=True)


def _composed(look: Look, item: tuple[Image, list[NewFace]]) -> Image:
    image, faces = item
    for face in faces:
        image = look(image, *face)
    return image
