import math

import numpy as np
import pytest
from jaxtyping import TypeCheckError
from skimage.metrics import peak_signal_noise_ratio

from facsimile.metrics.psnr import psnr


@pytest.mark.parametrize("noise", [1, 10, 90])
@pytest.mark.parametrize("shape", [(24, 31, 3), (12, 9)])
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
