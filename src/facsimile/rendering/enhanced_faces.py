"""Restoring the faces in a picture and nothing else of it."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt, UInt8

from facsimile.faces.align import invert, similarity, transform
from facsimile.faces.detect import Detector
from facsimile.rendering.mask import Mask

Pixels = UInt[np.ndarray, "_ _ _"]

_SIZE, _COVERAGE = 256, 1.6  # of the crop that the mask is drawn in: side in pixels, field of view
_DETECTED = 2048  # pixels of the longer side in which faces are looked for


@dataclass(frozen=True)
class FaceEnhancer:
    """Restores where the faces are, in place: nothing is resampled.

    Args:
        restore: What becomes of a part of an image (its rows, its columns) within the whole; of
            the part's size.
        detector: Finds the faces of an upright RGB image.
        mask: How much of each pixel of an aligned crop the restored face takes.
    """

    restore: Callable[[Pixels, slice, slice], Pixels]
    detector: Detector
    mask: Mask = Mask()

    def __call__(self, pixels: Pixels) -> int:
        """Restore the faces in an upright image, which is changed; returns how many there were.

        Args:
            pixels: uint8 or uint16; grey, grey and alpha, RGB or RGB and alpha.
        """
        landmarks = self._landmarks(pixels)
        # all are restored of the picture as it was: what lies around one may be another
        for restored in [self._restored(pixels, five) for five in landmarks]:
            if restored is not None:
                restored.mix_into(pixels)
        return len(landmarks)

    def _landmarks(self, pixels: Pixels) -> list[Float32[np.ndarray, "5 2"]]:
        image, scale = _preview(pixels)
        # the centre of the first pixel is 0, whatever the size of the pixels
        return [
            np.asarray((face.landmarks + 0.5) / scale - 0.5, np.float32)
            for face in self.detector(image)
        ]

    def _restored(self, pixels: Pixels, five: Float32[np.ndarray, "5 2"]) -> "_Face | None":
        """What becomes of one face; None where it lies outside of the picture."""
        matrix = similarity(five, _SIZE, _COVERAGE)
        left, top, right, bottom = _box(matrix, pixels.shape[1], pixels.shape[0])
        if right <= left or bottom <= top:
            return None
        mask = self.mask(np.asarray(transform(five, matrix), np.float32), None, None, _SIZE)
        local = np.array(matrix)
        local[:, 2] += local[:, :2] @ (left, top)
        flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
        opacity = cv2.warpAffine(mask, local, (right - left, bottom - top), flags=flags)
        rows, columns = slice(top, bottom), slice(left, right)
        return _Face(rows, columns, opacity, self.restore(pixels, rows, columns))


@dataclass(frozen=True)
class _Face:
    """A part of an image that holds a face, restored, and how much of it is taken."""

    rows: slice
    columns: slice
    opacity: Float32[np.ndarray, "h w"]
    restored: UInt[np.ndarray, "h w _"]

    def mix_into(self, pixels: Pixels) -> None:
        region = pixels[self.rows, self.columns]
        mixed = region + self.opacity[..., None] * (self.restored.astype(np.float32) - region)
        region[:] = np.rint(mixed).astype(pixels.dtype)


def _preview(pixels: Pixels) -> tuple[UInt8[np.ndarray, "h w 3"], float]:
    """An RGB image of 8 bits of no more than is looked at, and its scale."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _DETECTED / max(height, width))
    size = (max(1, round(scale * width)), max(1, round(scale * height)))
    colours = np.ascontiguousarray(pixels[..., : 1 if pixels.shape[2] < 3 else 3])
    small = colours if scale == 1 else cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(size[1], size[0], -1)
    eight = small if small.dtype == np.uint8 else (small / 257).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(eight, (size[1], size[0], 3))), scale


def _box(matrix: Float[np.ndarray, "2 3"], width: int, height: int) -> tuple[int, int, int, int]:
    """The part of the image that the crop covers: left, top, right, bottom."""
    corners = np.array([[0, 0], [_SIZE, 0], [0, _SIZE], [_SIZE, _SIZE]], np.float64)
    points = transform(corners, invert(matrix))
    left, top = np.floor(points.min(0)).astype(int)
    right, bottom = np.ceil(points.max(0)).astype(int) + 1
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))
