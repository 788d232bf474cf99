import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import nn

from facsimile.data.held_out import Photo, make_test_set
from facsimile.degradations.chain import Chain
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.evaluation.enhancement import constant_red, evaluate_enhancement, restore

METHODS = {"net", "no_op", "median3", "unsharp", "constant_red"}


@pytest.fixture(scope="module")
def test_set():
    rng = np.random.default_rng(0)
    photos = [
        Photo(f"{i}.png", "a", rng.integers(90, 110, (24 + 4 * (i > 2), 20, 3), np.uint8))
        for i in range(5)
    ]
    degradations = {"noise": SaltAndPepper([0.05, 0.05]), "clean": Chain([])}
    return make_test_set(photos, degradations)


@pytest.fixture(scope="module")
def outcome(test_set):
    return evaluate_enhancement(nn.Identity(), test_set, examples_per_degradation=2)


def test_every_method_is_measured_on_every_image(outcome):
    _, per_image, _ = outcome
    assert set(per_image.method) == METHODS
    assert len(per_image) == 2 * 5 * 5
    assert per_image.groupby(["degradation", "method"]).path.nunique().eq(5).all()


def test_a_net_that_does_nothing_scores_as_the_no_op(outcome):
    metrics, _, _ = outcome
    for measure in ("psnr", "ssim", "keras_accuracy", "within_0.1"):
        assert metrics[f"test/noise/{measure}"] == metrics[f"test/noise/no_op/{measure}"]


def test_psnr_is_the_mean_of_the_images(outcome, test_set):
    oracle = [peak_signal_noise_ratio(p.gt, p.lq, data_range=255) for p in test_set["noise"]]
    assert outcome[0]["test/noise/no_op/psnr"] == pytest.approx(np.mean(oracle))


def test_identical_images_are_counted_not_averaged(outcome):
    metrics, _, _ = outcome
    assert metrics["test/clean/no_op/psnr"] is None
    assert metrics["test/clean/no_op/psnr_infinite"] == 5
    assert metrics["test/noise/no_op/psnr_infinite"] == 0


def test_keras_accuracy_is_pooled_over_pixels(outcome, test_set):
    agree = [(p.lq.argmax(-1) == p.gt.argmax(-1)).ravel() for p in test_set["noise"]]
    assert outcome[0]["test/noise/no_op/keras_accuracy"] == pytest.approx(
        np.concatenate(agree).mean()
    )


def test_the_median_beats_doing_nothing_on_noise(outcome):
    metrics, _, _ = outcome
    assert metrics["test/noise/median3/psnr"] > metrics["test/noise/no_op/psnr"] + 5


def test_examples_are_before_and_after(outcome, test_set):
    examples = outcome[2]
    assert [(e.degradation, e.path) for e in examples] == [
        ("noise", "0.png"), ("noise", "4.png"), ("clean", "0.png"), ("clean", "4.png"),
    ]  # fmt: skip
    assert np.array_equal(examples[0].lq, test_set["noise"][0].lq)
    assert np.array_equal(examples[0].restored, examples[0].lq)


def test_restoring_keeps_order_and_sizes_and_clamps():
    class Brighter(nn.Module):
        def forward(self, x):
            return x + 0.5

    images = [np.full((4 + i // 3, 5, 3), 40 * i, np.uint8) for i in range(6)]
    restored = restore(images, Brighter(), batch=2)
    assert [r.shape for r in restored] == [i.shape for i in images]
    assert [int(r[0, 0, 0]) for r in restored] == [128, 168, 208, 248, 255, 255]


def test_batch_normalisation_is_in_evaluation_mode(test_set):
    net = nn.Sequential(nn.BatchNorm2d(3))
    before = net[0].running_mean.clone()
    evaluate_enhancement(net, test_set)
    assert torch.equal(net[0].running_mean, before)


def test_constant_red_is_red():
    assert constant_red(np.ones((1, 2, 3), np.uint8)).tolist() == [[[255, 0, 0]] * 2]
