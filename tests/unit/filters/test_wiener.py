import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.restoration import wiener as oracle

from facsimile.filters.wiener import wiener
from facsimile.metrics.psnr import psnr


def blurred(image, sigma):
    exact = gaussian_filter(image.astype(float), (sigma, sigma, 0), mode="mirror")
    return np.rint(exact).astype(np.uint8)


def gaussian(sigma, reach=14):
    line = np.exp(-np.square(np.arange(-reach, reach + 1) / sigma) / 2)
    kernel = np.outer(line, line)
    return kernel / kernel.sum()


@pytest.mark.parametrize("balance", [1e-2, 3e-4])
def test_agrees_with_skimage_on_the_image_mirrored(photo, balance):
    lq = blurred(photo, 2.0)
    height, width = lq.shape[:2]
    for channel in range(3):
        period = np.pad(lq[..., channel], ((0, height - 2), (0, width - 2)), "reflect")
        theirs = oracle(period.astype(float), gaussian(2.0), balance, clip=False)
        expected = theirs[:height, :width].clip(0, 255)
        ours = wiener(lq, balance, sigma=2.0)[..., channel]
        assert np.abs(ours - expected).max() < 1


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_undoes_a_blur(photo, sigma):
    lq = blurred(photo, sigma)
    assert psnr(wiener(lq, sigma=sigma), photo) > psnr(lq, photo) + 3
    assert psnr(wiener(lq), photo) > psnr(lq, photo) + 2


def test_the_border_does_not_ring(photo):
    error = np.abs(wiener(blurred(photo, 2.0), sigma=2.0).astype(float) - photo).mean(axis=2)
    border = np.ones(error.shape, bool)
    border[6:-6, 6:-6] = False
    assert error[border].mean() < 1.5 * error[~border].mean()


def test_what_is_sharp_or_flat_is_copied(photo):
    flat = np.full((16, 16, 3), 9, np.uint8)
    for image in (photo, flat):
        assert np.array_equal(wiener(image), image)
    assert np.array_equal(wiener(photo, sigma=0.0), photo)


@pytest.mark.parametrize("wrong", [{"balance": 0.0}, {"sigma": -1.0}])
def test_refuses(photo, wrong):
    with pytest.raises(ValueError, match="too small"):
        wiener(photo, **wrong)


def test_refuses_a_line():
    with pytest.raises(ValueError, match="too small"):
        wiener(np.zeros((1, 9, 3), np.uint8))
