import numpy as np
import pytest
from jaxtyping import TypeCheckError

from facsimile.metrics.keras_accuracy import keras_accuracy, matches


def test_equals_a_loop_over_pixels():
    rng = np.random.default_rng(0)
    preds, target = rng.integers(0, 4, (2, 9, 7, 3), np.uint8)
    agree = [
        list(p).index(max(p)) == list(t).index(max(t))
        for p, t in zip(preds.reshape(-1, 3), target.reshape(-1, 3), strict=True)
    ]
    assert keras_accuracy(preds, target) == pytest.approx(np.mean(agree))
    assert matches(preds, target) == (sum(agree), 63)


def test_ties_go_to_the_lowest_channel():
    grey, red, blue = np.full((1, 1, 3), 5), np.array([[[9, 0, 0]]]), np.array([[[0, 0, 9]]])
    assert keras_accuracy(grey, red) == 1.0
    assert keras_accuracy(grey, blue) == 0.0


def test_shapes_must_agree():
    with pytest.raises((ValueError, TypeCheckError)):
        keras_accuracy(np.zeros((4, 2, 3)), np.zeros((2, 4, 3)))
