import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from facsimile.metrics.keras_accuracy import KerasAccuracy, keras_accuracy, matches


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


def batches(levels, shapes=((2, 3, 9, 7), (1, 3, 4, 5))):
    generator = torch.Generator().manual_seed(0)
    for shape in shapes:
        both = torch.randint(0, levels, (2, *shape), generator=generator).float() / levels
        yield both[0], both[1].to(memory_format=torch.channels_last)


# few levels: a third of the pixels tie
@pytest.mark.parametrize("levels", [2, 3, 1000])
def test_the_metric_of_batches_pools_over_their_pixels(levels):
    metric, agree = KerasAccuracy(), []
    for preds, target in batches(levels):
        metric.update(preds, target)
        agree += (preds.numpy().argmax(1) == target.numpy().argmax(1)).flatten().tolist()
    assert len(agree) == 2 * 9 * 7 + 4 * 5
    assert float(metric.compute()) == pytest.approx(np.mean(agree))


def test_what_was_counted_can_be_forgotten():
    metric = KerasAccuracy()
    red, blue = (torch.eye(3)[channel].view(1, 3, 1, 1) for channel in (0, 2))
    metric.update(red, blue)
    metric.reset()
    metric.update(red, red)
    assert float(metric.compute()) == 1.0
