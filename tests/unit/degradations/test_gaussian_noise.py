import numpy as np
import pytest
from scipy.stats import kstest

from facsimile.degradations.gaussian_noise import GaussianNoise

FLAT = np.full((200, 200, 3), 128, np.uint8)


@pytest.mark.parametrize("sigma", [1, 2, 15])
def test_bytes_have_the_noise_that_was_asked_for(sigma):
    noise = GaussianNoise(sigma)(FLAT, np.random.default_rng(0)).astype(float) - 128
    assert noise.mean() == pytest.approx(0, abs=4 * sigma / 346)
    # rounding adds a variance of 1/12
    assert noise.std() == pytest.approx(np.sqrt(sigma**2 + 1 / 12), rel=0.01)


def test_it_is_gaussian_and_each_channel_has_its_own():
    image = np.full((60, 60, 3), 0.5, np.float32)
    noise = GaussianNoise(20)(image, np.random.default_rng(0)) - 0.5
    assert kstest(noise.ravel() * 255 / 20, "norm").pvalue > 0.01
    assert np.abs(np.corrcoef(noise.reshape(-1, 3).T) - np.eye(3)).max() < 0.06


def test_grey_noise_is_the_same_in_all_channels():
    noisy = GaussianNoise(20, per_channel=False)(FLAT, np.random.default_rng(0))
    assert noisy.std() == pytest.approx(20, rel=0.02)
    assert (noisy == noisy[..., :1]).all()


def test_black_and_white_are_clipped():
    for value in (0, 255):
        noisy = GaussianNoise(20)(np.full_like(FLAT, value), np.random.default_rng(0))
        assert (noisy == value).mean() == pytest.approx(0.5, abs=0.02)
