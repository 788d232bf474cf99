import numpy as np
import pytest
import torch
from tests.photographs import photograph
from tests.skimage_ssim import skimage_map

from facsimile.metrics.ms_ssim import WEIGHTS, MultiScaleSSIM, ms_ssim


def halved(image):
    height, width = (side // 2 for side in image.shape[:2])
    even = image[: 2 * height, : 2 * width].astype(np.float64)
    return (
        even.reshape(height, 2, width, 2, -1)
        .mean(axis=(1, 3))
        .reshape(height, width, *image.shape[2:])
    )


def oracle(preds, target):
    """The paper's formula over scikit-image's maps, in float64."""
    value = 1.0
    for scale, weight in enumerate(WEIGHTS):
        # with the first constant that large, luminance is 1
        constants = {} if scale == len(WEIGHTS) - 1 else {"K1": 1e9}
        means = skimage_map(preds, target, **constants).mean(axis=(0, 1))
        value = value * np.maximum(means, 0) ** weight
        preds, target = halved(preds), halved(target)
    return np.mean(value)


def pair(size, noise, seed=0):
    target = photograph(seed, size)[:, : size - 7]
    rng = np.random.default_rng(seed)
    preds = np.clip(target + rng.normal(0, noise, target.shape), 0, 255).astype(np.uint8)
    return preds, target


@pytest.mark.parametrize("noise", [2, 20, 80])
@pytest.mark.parametrize("size", [183, 261])
def test_equals_the_formula_on_skimages_maps(size, noise):
    preds, target = pair(size, noise)
    assert ms_ssim(preds, target) == pytest.approx(oracle(preds, target), abs=1e-5)
    grey = preds[..., 0], target[..., 0]
    assert ms_ssim(*grey) == pytest.approx(oracle(*grey), abs=1e-5)


def test_what_is_opposite_counts_as_nothing():
    target = photograph(1, 190)
    assert ms_ssim(255 - target, target) == 0.0
    assert ms_ssim(target, target) == 1.0


def test_below_176_pixels_it_is_refused():
    with pytest.raises(ValueError, match="176x176"):
        ms_ssim(*np.zeros((2, 175, 400), np.uint8))
    assert ms_ssim(*np.zeros((2, 176, 176), np.uint8)) == 1.0


def test_a_region_does_not_see_what_lies_outside():
    preds, target = pair(560, 20)
    where = np.zeros(target.shape[:2], bool)
    where[16:400, 32:416] = True  # on the grid of the coarsest scale
    alone = ms_ssim(preds[16:400, 32:416], target[16:400, 32:416])
    assert ms_ssim(preds, target, where=where) == pytest.approx(alone, abs=1e-6)
    where[100:] = False
    assert np.isnan(ms_ssim(preds, target, where=where))


def test_the_class_is_the_mean_over_images():
    images = [pair(183, noise) for noise in (5, 30)]
    metric = MultiScaleSSIM()
    for preds, target in images:
        metric.update(*(torch.from_numpy(one).permute(2, 0, 1)[None] for one in (preds, target)))
    expected = np.mean([oracle(*one) for one in images])
    assert float(metric.compute()) == pytest.approx(expected, abs=1e-5)
