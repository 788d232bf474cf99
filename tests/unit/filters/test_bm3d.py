import numpy as np
import pytest
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

from facsimile.filters.bm3d import OPPONENT, bm3d
from facsimile.metrics.psnr import psnr


def test_colours_are_turned_not_stretched():
    assert np.allclose(OPPONENT @ OPPONENT.T, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("sigma", [10, 25])
def test_better_than_skimages_non_local_means_and_total_variation(photo, noisy, sigma):
    photo = photo[20:92, 24:96]
    lq = noisy(photo, sigma)
    scaled, level = lq / 255, sigma / 255
    nlm = denoise_nl_means(scaled, 5, 6, 0.6 * level, False, level, channel_axis=2)
    tv = max(
        psnr(255 * denoise_tv_chambolle(scaled, k * level, channel_axis=2), photo)
        for k in (0.5, 0.8, 1.2)
    )
    best = max(psnr(255 * nlm, photo), tv)
    assert psnr(bm3d(lq, sigma=float(sigma)), photo) > best + 0.7
    assert psnr(bm3d(lq), photo) > best + 0.3


def test_pure_noise_is_taken_away(noisy):
    lq = noisy(np.full((40, 44, 3), 128, np.uint8), 20)
    assert np.abs(bm3d(lq, sigma=20.0).astype(int) - 128).mean() < 2.5


def test_grey_stays_grey(photo, noisy):
    grey = np.dstack([noisy(photo[:50, :60, 0], 15)] * 3)
    restored = bm3d(grey, sigma=15.0).astype(int)
    assert np.ptp(restored, axis=2).max() <= 1


def test_the_same_bytes_every_time(photo, noisy):
    lq = noisy(photo, 15)[:41, :50]
    assert np.array_equal(bm3d(lq), bm3d(lq))


def test_without_noise_a_copy(photo):
    assert np.array_equal(bm3d(photo, sigma=0.0), photo)
    assert np.array_equal(bm3d(photo, strength=0.0), photo)


@pytest.mark.parametrize("size", [(8, 8), (8, 30), (9, 17)])
def test_small_images(size):
    assert (bm3d(np.full((*size, 3), 80, np.uint8), sigma=5.0) == 80).all()


@pytest.mark.parametrize("wrong", [{"strength": -1.0}, {"sigma": -1.0}])
def test_refuses(photo, wrong):
    with pytest.raises(ValueError, match="too small"):
        bm3d(photo, **wrong)


def test_refuses_an_image_smaller_than_a_block():
    with pytest.raises(ValueError, match="too small"):
        bm3d(np.zeros((7, 30, 3), np.uint8))
