"""Sheets of pictures: a labelled row a kind, what is synthetic marked as such."""

from collections.abc import Collection, Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "_ _ 3"]
Row = tuple[str, Sequence[Image]]

MARK = "SYNTHETIC"
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_GAP = 4
_MARGIN = 26
_PAPER, _INK = (255, 255, 255), (40, 40, 40)


def sheet(rows: Sequence[Row], height: int, synthetic: Collection[str] = ()) -> Image:
    """Lay out rows of pictures on white, each below its label.

    Args:
        rows: Label (ASCII) and RGB pictures of each row.
        height: Of every picture, pixels.
        synthetic: Labels of the rows whose pictures are marked as synthetic.

    Raises:
        ValueError: there is no row, or a row has no picture.
    """
    strips = [_strip(label, images, height, label in synthetic) for label, images in rows]
    width = max(strip.shape[1] for strip in strips)
    return np.vstack([_widened(strip, width) for strip in strips])


def mark_synthetic(image: Image) -> Image:
    """Burn the word SYNTHETIC into a copy of a picture, along its lower edge."""
    marked = image.copy()
    height, width = image.shape[:2]
    band = max(9, height // 14)
    marked[-band:] = marked[-band:] // 4
    (text, _), _ = cv2.getTextSize(MARK, _FONT, 1.0, 1)
    scale = min(0.95 * width / text, band / 30)
    thickness = 1 if scale < 0.8 else 2
    origin = (max(1, round(0.02 * width)), height - max(2, band // 4))
    cv2.putText(marked, MARK, origin, _FONT, scale, (255, 255, 255), thickness, cv2.LINE_AA)
    return marked


def _strip(label: str, images: Sequence[Image], height: int, synthetic: bool) -> Image:
    tiles = [_scaled(image, height) for image in images]
    if synthetic:
        tiles = [mark_synthetic(tile) for tile in tiles]
    padding = ((0, _GAP), (0, _GAP), (0, 0))
    row = np.hstack([np.pad(tile, padding, constant_values=255) for tile in tiles])
    (text, _), _ = cv2.getTextSize(label, _FONT, 0.5, 1)
    row = _widened(row, text + _GAP)
    heading = np.full((_MARGIN, row.shape[1], 3), _PAPER, np.uint8)
    cv2.putText(heading, label, (1, _MARGIN - 9), _FONT, 0.5, _INK, 1, cv2.LINE_AA)
    return np.vstack([heading, row])


def _scaled(image: Image, height: int) -> Image:
    if image.shape[0] == height:
        return image
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    method = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method))


def _widened(image: Image, width: int) -> Image:
    missing = max(0, width - image.shape[1])
    return np.pad(image, ((0, 0), (0, missing), (0, 0)), constant_values=255)
