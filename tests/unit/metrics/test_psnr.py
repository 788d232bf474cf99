import math

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from skimage.metrics import peak_signal_noise_ratio

from facsimile.media.image import read_image
from facsimile.metrics.psnr import PSNR, psnr
from facsimile.metrics.squares import squared_error, squares


@pytest.mark.parametrize("noise", [1, 10, 90])
@pytest.mark.parametrize("shape", [(24, 31, 3), (12, 9), (7,), (3, 4, 5, 3), (1080, 1920, 3)])
def test_equals_skimage(noise, shape):
    rng = np.random.default_rng(noise)
    target = rng.integers(0, 256, shape, np.uint8)
    preds = np.clip(target + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)
    assert psnr(preds, target) == pytest.approx(peak_signal_noise_ratio(target, preds), abs=1e-9)


def test_bytes_do_not_wrap_around():
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    assert psnr(black, white) == pytest.approx(0)
    assert psnr(white, black) == pytest.approx(0)


def test_identical_images_are_infinitely_alike():
    image = np.full((4, 4, 3), 7, np.uint8)
    assert psnr(image, image) == math.inf


def test_range_of_one():
    target = np.full((4, 4, 3), 0.5, np.float32)
    assert psnr(target + np.float32(0.1), target, data_range=1.0) == pytest.approx(20, abs=1e-4)


def test_shapes_must_agree():
    with pytest.raises((ValueError, TypeCheckError)):
        psnr(np.zeros((4, 4, 3)), np.zeros((1, 1, 3)))


def test_bytes_are_summed_exactly():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 256, (2, 700, 900, 3), np.uint8)
    wide = one.astype(np.int64), other.astype(np.int64)
    assert squares(one) == int((wide[0] ** 2).sum())
    assert squared_error(one, other) == int(((wide[0] - wide[1]) ** 2).sum())
    white = np.full((3000, 3000, 3), 255, np.uint8)
    assert squares(white) == 255**2 * white.size
    where = rng.random((700, 900)) < 0.3
    assert squared_error(one, other, where) == int(((wide[0] - wide[1])[where] ** 2).sum())
    part = np.s_[20:300, 30:401]  # not contiguous
    assert squares(one[part]) == int((wide[0][part] ** 2).sum())


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_region(kind):
    rng = np.random.default_rng(1)
    target = rng.integers(0, 256, (40, 50, 3)).astype(kind)
    preds = np.clip(target + rng.normal(0, 20, target.shape), 0, 255).astype(kind)
    where = np.zeros((40, 50), bool)
    where[3:20, 7:30] = True
    parts = (image[3:20, 7:30].astype(np.float64) for image in (target, preds))
    expected = peak_signal_noise_ratio(*parts, data_range=255)
    assert psnr(preds, target, where=where) == pytest.approx(expected, abs=1e-9)
    with pytest.raises(ValueError, match="no pixel"):
        psnr(preds, target, where=np.zeros((40, 50), bool))


def test_real_faces(sample_root):
    faces = [read_image(path) for path in sorted((sample_root / "orl").glob("**/*.*"))[:12]]
    for preds, target in zip(faces[1:], faces[:-1], strict=True):
        expected = peak_signal_noise_ratio(target, preds)
        assert psnr(preds, target) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("scale", [1, 255])
def test_the_class_is_the_mean_of_images_not_the_psnr_of_the_pool(scale):
    rng = np.random.default_rng(3)
    target = rng.integers(0, 256, (3, 3, 16, 16), np.uint8)
    noise = np.array([0, 3, 40])[:, None, None, None] * rng.normal(size=target.shape)
    preds = np.clip(target + noise, 0, 255).astype(np.uint8)
    metric = PSNR()
    for part in (slice(0, 1), slice(1, 3)):
        batch = [torch.from_numpy(images[part]) for images in (preds, target)]
        metric.update(*(images if scale == 1 else images.double() / scale for images in batch))
    expected = [peak_signal_noise_ratio(target[i], preds[i]) for i in (1, 2)]
    assert float(metric.compute()) == pytest.approx(np.mean(expected), abs=1e-9)
    assert int(metric.left_out) == 1


def test_batches_must_agree():
    with pytest.raises((ValueError, TypeCheckError)):
        PSNR().update(torch.zeros(2, 3, 8, 8), torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match="one shape and type"):
        PSNR().update(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8, dtype=torch.uint8))
