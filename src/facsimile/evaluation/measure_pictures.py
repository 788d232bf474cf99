"""Single frames to look at: reference, distorted, and where they differ."""

import cv2
import numpy as np
from jaxtyping import UInt8

from facsimile.evaluation.measure import Measured
from facsimile.evaluation.pictures import mark_synthetic
from facsimile.metrics.ssim import WINDOW, ssim_map

_WIDTH = 480  # pixels of each of the three
_GAP = 8
_FACE = (37, 99, 235)  # the colour of the face's curves


class Extremes:
    """The least and the most alike pair of frames of a stream, by SSIM (RGB)."""

    def __init__(self) -> None:
        self.least: Measured | None = None
        self.most: Measured | None = None

    def look(self, measured: Measured) -> None:
        """Keep a pair if it is one of them; the first of several alike."""
        value = measured.record["frame/ssim_rgb"]
        if np.isnan(value):
            return
        if self.least is None or value < self.least.record["frame/ssim_rgb"]:
            self.least = measured
        if self.most is None or value > self.most.record["frame/ssim_rgb"]:
            self.most = measured


def triptych(
    measured: Measured, synthetic: tuple[bool, bool] = (False, False)
) -> UInt8[np.ndarray, "h w 3"]:
    """Reference, with the face's box, distorted, and their SSIM at each pixel, black where low.

    Args:
        measured: The pair of frames.
        synthetic: Whether reference and distorted are to be marked as synthetic.
    """
    distorted, reference = measured.pair.images
    similarity = np.clip(ssim_map(distorted, reference).mean(axis=2), 0, 1)
    grey = np.rint(255 * similarity).astype(np.uint8)
    margin = WINDOW // 2
    grey = np.pad(grey, margin, constant_values=255)
    boxed = _boxed(reference, measured)
    parts = [_small(image) for image in (boxed, distorted, np.repeat(grey[..., None], 3, axis=2))]
    for place, is_synthetic in enumerate(synthetic):
        if is_synthetic:
            parts[place] = mark_synthetic(parts[place])
    gap = np.full((parts[0].shape[0], _GAP, 3), 255, np.uint8)
    return np.hstack([parts[0], gap, parts[1], gap, parts[2]])


def _boxed(image: UInt8[np.ndarray, "h w 3"], measured: Measured) -> UInt8[np.ndarray, "h w 3"]:
    if measured.area is None:
        return image
    rows, columns = measured.area
    thick = max(2, image.shape[1] // 240)
    corners = (columns.start, rows.start), (columns.stop, rows.stop)
    return np.asarray(cv2.rectangle(image.copy(), *corners, _FACE, thick), np.uint8)


def _small(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
    scale = min(1.0, _WIDTH / image.shape[1])
    size = round(image.shape[1] * scale), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
