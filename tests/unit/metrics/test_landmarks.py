import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from facsimile.metrics.landmarks import LandmarkError, landmark_error

FACE = np.array([[30, 40], [60, 40], [45, 60], [33, 75], [57, 75]], np.float32)


def test_a_shift_of_a_tenth_of_the_eye_distance():
    assert landmark_error(FACE + np.float32([0, 3]), FACE) == pytest.approx(0.1)


def test_one_point_counts_a_fifth():
    preds = FACE.copy()
    preds[2] += [3, 4]
    assert landmark_error(preds, FACE) == pytest.approx(5 / 30 / 5)


def test_scale_does_not_matter():
    preds = FACE + np.float32([1, 2])
    assert landmark_error(preds * 4, FACE * 4) == pytest.approx(landmark_error(preds, FACE))


@pytest.mark.parametrize("target", [FACE[:4], np.zeros_like(FACE)])
def test_unusable_landmarks_are_refused(target):
    with pytest.raises((ValueError, TypeCheckError)):
        landmark_error(FACE, target)


def test_the_class_is_the_mean_over_faces():
    target = torch.from_numpy(FACE)[None]
    metric = LandmarkError()
    metric.update(target + torch.tensor([0.0, 3.0]), target)
    metric.update(target.repeat(3, 1, 1), target.repeat(3, 1, 1))
    assert float(metric.compute()) == pytest.approx(0.1 / 4)
