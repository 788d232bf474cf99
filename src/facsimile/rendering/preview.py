"""Swapped frames made easy to look at: beside the target, or as a grid of a few."""

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "_ _ 3"]


def side_by_side(targets: Iterable[Image], swapped: Iterable[Image]) -> Iterator[Image]:
    """Put each target frame to the left of its swapped one.

    Raises:
        ValueError: One stream is longer than the other.
    """
    for target, result in zip(targets, swapped, strict=True):
        yield np.hstack([target, result])


def spread(count: int, total: int) -> list[int]:
    """Choose `count` indices of `total`, evenly spaced and clear of both ends.

    Example:
        >>> spread(3, 90)
        [15, 45, 75]
    """
    count = min(count, total)
    return [(2 * place + 1) * total // (2 * count) for place in range(count)]


def grid(rows: Sequence[Sequence[Image]], height: int = 160) -> Image:
    """Lay out equally long rows of pictures on white.

    Args:
        rows: Pictures of one shape, RGB.
        height: Of each picture in the grid, pixels; never enlarged.
    """
    gap = 4
    return np.vstack(
        [
            np.pad(_row(row, height, gap), ((0, gap), (0, 0), (0, 0)), constant_values=255)
            for row in rows
        ]
    )


def _row(images: Sequence[Image], height: int, gap: int) -> Image:
    padding = ((0, 0), (0, gap), (0, 0))
    return np.hstack([np.pad(_small(one, height), padding, constant_values=255) for one in images])


def _small(image: Image, height: int) -> Image:
    if image.shape[0] <= height:
        return image
    width = round(image.shape[1] * height / image.shape[0])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
