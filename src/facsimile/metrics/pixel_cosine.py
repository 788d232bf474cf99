"""Cosine similarity of raw pixels, the reading that fits paper 1's figure 7."""

import numpy as np
from jaxtyping import Bool, Real

from facsimile.metrics.per_image import PerImage
from facsimile.metrics.squares import squared_error, squares


def pixel_cosine(
    preds: Real[np.ndarray, "*shape"],
    target: Real[np.ndarray, "*shape"],
    where: Bool[np.ndarray, "h w"] | None = None,
) -> float:
    """Cosine of the angle between two images taken as vectors of pixel values.

    0..1 for images without negative values, whatever their range; 1 for two black images, 0 for
    one. Barely falls below .99 for frames of one clip: it says little, and is not the identity
    cosine of face embeddings. `where` says which pixels count, None for all. Raises ValueError
    where the shapes differ.

    >>> grey = np.full((2, 2, 3), 100, np.uint8)
    >>> round(pixel_cosine(grey, grey * 2), 6)
    1.0
    """
    error = squared_error(preds, target, where)
    x, y = squares(preds, where), squares(target, where)
    if x * y == 0:
        return float(x == y)
    # by the law of cosines, since these sums are exact for bytes and need no copies as floats
    return float((x + y - error) / 2 / np.sqrt(x * y))


class PixelCosine(PerImage):
    """Mean `pixel_cosine` of the images of batches.

    >>> import torch
    >>> metric = PixelCosine()
    >>> metric.update(torch.ones(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.5))
    >>> round(float(metric.compute()), 6)
    1.0
    """

    def of_images(
        self, preds: Real[np.ndarray, "h w c"], target: Real[np.ndarray, "h w c"], data_range: float
    ) -> float:
        """`pixel_cosine` of one pair, whatever the range."""
        return pixel_cosine(preds, target)
