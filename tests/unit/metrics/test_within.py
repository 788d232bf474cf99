import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from facsimile.metrics.within import Within, within


@pytest.mark.parametrize(("difference", "expected"), [(25, 1.0), (26, 0.0)])
def test_a_tenth_of_a_byte_is_twenty_five(difference, expected):
    target = np.full((3, 4, 3), 128, np.uint8)
    assert within(target + np.uint8(difference), target) == expected
    assert within(target - np.uint8(difference), target) == expected


def test_every_channel_counts():
    target = np.zeros((1, 4, 3), np.float32)
    preds = target.copy()
    preds[0, 0, 2] = 0.2
    assert within(preds, target, data_range=1.0) == 0.75


def test_shapes_must_agree():
    with pytest.raises((ValueError, TypeCheckError)):
        within(np.zeros((4, 2, 3)), np.zeros((2, 4, 3)))


def test_the_class_is_the_mean_over_images():
    target = torch.full((2, 3, 2, 2), 100, dtype=torch.uint8)
    preds = target.clone()
    preds[1, 0, 0] = 200  # half of one image's pixels
    metric = Within()
    metric.update(preds, target)
    assert float(metric.compute()) == pytest.approx(0.75)
