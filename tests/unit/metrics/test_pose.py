import numpy as np
import pytest
import torch

from facsimile.metrics.pose import PoseError, pose_error


def test_it_is_the_distance_of_the_angles():
    assert pose_error(np.array([1.0, 2.0, 2.0]), np.zeros(3)) == 3.0


@pytest.mark.parametrize("turn", [0.0, 90.0, 179.9, -180.0, 360.0])
def test_roll_goes_the_short_way_round(turn):
    error = pose_error(np.array([0.0, 0.0, turn + 4]), np.array([0.0, 0.0, turn - 360]))
    assert error == pytest.approx(4)


def test_the_class_is_the_mean_over_heads():
    metric = PoseError()
    metric.update(torch.tensor([[3.0, 4.0, 0.0]]), torch.zeros(1, 3))
    metric.update(torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]), torch.zeros(2, 3))
    assert float(metric.compute()) == pytest.approx(2.0)
