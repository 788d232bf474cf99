"""Error of the turn of a head."""

import numpy as np
from jaxtyping import Float

from facsimile.metrics.per_image import PerItem


def pose_error(preds: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"]) -> float:
    """Euclidean distance of two heads' yaw, pitch and roll, degrees.

    What face-swapping papers call the pose error (FaceShifter, Li et al., CVPR 2020). Each angle
    is compared the short way round.

    >>> pose_error(np.array([3.0, 4.0, 179.0]), np.array([0.0, 0.0, -181.0]))
    5.0
    """
    turn = (preds.astype(np.float64) - target + 180) % 360 - 180
    return float(np.linalg.norm(turn))


class PoseError(PerItem):
    """Mean `pose_error` of the heads of batches, (b, 3) in degrees.

    >>> import torch
    >>> metric = PoseError()
    >>> metric.update(torch.tensor([[0.0, 0.0, 0.0], [0.0, 10.0, 0.0]]), torch.zeros(2, 3))
    >>> float(metric.compute())
    5.0
    """

    higher_is_better = False

    def value(self, preds: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"]) -> float:
        """`pose_error` of one head."""
        return pose_error(preds, target)
