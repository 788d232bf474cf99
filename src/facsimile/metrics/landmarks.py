"""Error of facial landmarks."""

import numpy as np
from jaxtyping import Float

from facsimile.metrics.per_image import PerItem


def landmark_error(
    preds: Float[np.ndarray, "points 2"], target: Float[np.ndarray, "points 2"]
) -> float:
    """Mean distance of the landmarks, in distances between the target's eyes.

    The first two points are the eyes; both sets are in pixels of one frame. Raises ValueError
    where the shapes differ or the eyes coincide.

    >>> target = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 5.0]])
    >>> landmark_error(target + [0.0, 1.0], target)
    0.1
    """
    if preds.shape != target.shape:
        raise ValueError(f"as many landmarks are needed: {preds.shape} and {target.shape}")
    eyes = float(np.linalg.norm(target[0] - target[1]))
    if eyes == 0:
        raise ValueError("the target's eyes coincide: no distance to measure by")
    return float(np.linalg.norm(preds - target, axis=1).mean()) / eyes


class LandmarkError(PerItem):
    """Mean `landmark_error` of the faces of batches, (b, points, 2).

    >>> import torch
    >>> face = torch.tensor([[0.0, 0.0], [10.0, 0.0], [5.0, 5.0]])
    >>> metric = LandmarkError()
    >>> metric.update(torch.stack([face, face + 2]), torch.stack([face, face]))
    >>> round(float(metric.compute()), 4)
    0.1414
    """

    higher_is_better = False

    def value(
        self, preds: Float[np.ndarray, "points 2"], target: Float[np.ndarray, "points 2"]
    ) -> float:
        """`landmark_error` of one face."""
        return landmark_error(preds, target)
