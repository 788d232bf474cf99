"""Structural similarity over five scales (Wang, Simoncelli and Bovik, Asilomar 2003)."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Real

from facsimile.metrics.per_image import PerImage
from facsimile.metrics.ssim import WINDOW, channel_means, ssim_map, structure_map

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # table of the paper, fine to coarse
LEAST = WINDOW * 2 ** (len(WEIGHTS) - 1)  # pixels a side: the window must fit into every scale

Maps = Sequence[Float32[np.ndarray, "_ _ *c"]]


def ms_ssim(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
    where: Bool[np.ndarray, "h w"] | None = None,
) -> float:
    """Product of the weighted similarities of five scales, each half as large as the one before.

    Windows, constants and `where` are those of `ssim`; images are halved by the mean of 2x2 pixels,
    an odd row or column left out; a negative similarity counts as 0; colour channels are measured
    one by one and averaged. 0..1. Raises ValueError below 176 pixels a side.

    >>> black, white = np.zeros((176, 176), np.uint8), np.full((176, 176), 255, np.uint8)
    >>> ms_ssim(white, white), round(ms_ssim(black, white), 3)
    (1.0, 0.293)
    """
    return maps_product(scale_maps(preds, target, data_range), where)


def scale_maps(
    preds: Real[np.ndarray, "h w *c"],
    target: Real[np.ndarray, "h w *c"],
    data_range: float = 255.0,
) -> Maps:
    """The similarity map of each scale: structure alone but for the last."""
    if min(preds.shape[:2]) < LEAST:
        raise ValueError(f"images of at least {LEAST}x{LEAST} are needed: {preds.shape}")
    maps = []
    for _ in WEIGHTS[:-1]:
        maps.append(structure_map(preds, target, data_range))
        preds, target = _halved(preds), _halved(target)
    return [*maps, ssim_map(preds, target, data_range)]


def maps_product(maps: Maps, where: Bool[np.ndarray, "h w"] | None = None) -> float:
    """`ms_ssim` of its maps; NaN where at some scale no window lies within `where`."""
    value: np.ndarray = np.ones(1)
    for weight, similarity in zip(WEIGHTS, maps, strict=True):
        value = value * np.maximum(channel_means(similarity, where), 0) ** weight
        where = None if where is None else _all_of_four(where)
    return float(value.mean())


def _halved(image: Real[np.ndarray, "h w *c"]) -> Float32[np.ndarray, "h2 w2 *c"]:
    height, width = (side // 2 for side in image.shape[:2])
    even = image[: 2 * height, : 2 * width].astype(np.float32)
    small = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small).reshape(height, width, *image.shape[2:])


def _all_of_four(where: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h2 w2"]:
    height, width = (side // 2 for side in where.shape)
    even = where[: 2 * height, : 2 * width]
    four = (even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2])
    return np.asarray(np.logical_and.reduce(four))


class MultiScaleSSIM(PerImage):
    """Mean `ms_ssim` of the images of batches.

    >>> import torch
    >>> metric = MultiScaleSSIM()
    >>> image = torch.rand(2, 3, 176, 180)
    >>> metric.update(image, image)
    >>> float(metric.compute())
    1.0
    """

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`ms_ssim` of one pair."""
        return ms_ssim(preds, target, data_range)
