import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from facsimile.metrics.pixel_cosine import PixelCosine, pixel_cosine


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_equals_torch(kind):
    rng = np.random.default_rng(0)
    preds, target = rng.integers(0, 256, (2, 20, 30, 3)).astype(kind)
    flat = [torch.from_numpy(image).double().flatten() for image in (preds, target)]
    expected = torch.nn.functional.cosine_similarity(*flat, dim=0).item()
    assert pixel_cosine(preds, target) == pytest.approx(expected, abs=1e-9)


def test_paper_1s_figure_is_pixel_cosine():
    # .994 at 25-27 dB: a natural image 25 dB away from another has a pixel cosine of .99 or more.
    rng = np.random.default_rng(1)
    target = rng.normal(120, 50, (64, 64, 3)).clip(0, 255)
    preds = target + rng.normal(0, 255 * 10 ** (-25 / 20), target.shape)
    assert pixel_cosine(preds, target) == pytest.approx(0.994, abs=0.003)


@pytest.mark.parametrize(("value", "expected"), [(0, 1.0), (9, 0.0)])
def test_black_images_have_a_cosine(value, expected):
    black = np.zeros((2, 2, 3), np.uint8)
    assert pixel_cosine(np.full_like(black, value), black) == expected


def test_shapes_must_agree():
    with pytest.raises((ValueError, TypeCheckError)):
        pixel_cosine(np.zeros((4, 2, 3)), np.zeros((2, 4, 3)))


def test_a_region_is_what_its_picture_alone_would_be():
    preds, target = np.random.default_rng(5).integers(0, 256, (2, 20, 30, 3), np.uint8)
    where = np.zeros((20, 30), bool)
    where[4:9, 10:25] = True
    alone = pixel_cosine(preds[4:9, 10:25], target[4:9, 10:25])
    assert pixel_cosine(preds, target, where) == pytest.approx(alone, abs=1e-12)


def test_the_class_is_the_mean_over_images():
    preds, target = torch.rand(2, 5, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    metric = PixelCosine()
    for part in (slice(0, 4), slice(4, 5)):
        metric.update(preds[part], target[part])
    expected = torch.nn.functional.cosine_similarity(preds.flatten(1), target.flatten(1)).mean()
    assert float(metric.compute()) == pytest.approx(float(expected), abs=1e-6)
