import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from skimage.restoration import denoise_nl_means

from facsimile.filters.nlm import non_local_means
from facsimile.metrics.psnr import psnr


def by_hand(image, h, reach=10, patch=7):
    margin = reach + patch // 2
    padded = np.pad(image.astype(float), ((margin, margin), (margin, margin), (0, 0)), "reflect")
    total, weights = 0.0, 0.0
    inner = slice(margin, -margin)
    for y in range(-reach, reach + 1):
        for x in range(-reach, reach + 1):
            other = np.roll(padded, (-y, -x), axis=(0, 1))
            square = np.square(other - padded).mean(axis=2)
            weight = np.exp(-uniform_filter(square, patch)[inner, inner, None] / h**2)
            total = total + weight * other[inner, inner]
            weights = weights + weight
    return total / weights


def test_agrees_with_the_definition(photo, noisy):
    image = noisy(photo, 15)[30:70, 30:76]
    error = np.abs(non_local_means(image, 1.2, sigma=15.0) - by_hand(image, 18.0))
    # OpenCV tabulates the weights and drops those below .001
    assert error.max() <= 3
    assert error.mean() < 0.5


def test_removes_noise_nearly_as_well_as_skimage(photo, noisy):
    image = noisy(photo, 20)
    theirs = denoise_nl_means(image / 255, 7, 10, 20 / 255, fast_mode=False, channel_axis=2)
    cleaned = psnr(non_local_means(image, sigma=20.0), photo)
    assert cleaned > psnr(image, photo) + 5
    # skimage weighs the pixels of a patch by a Gaussian
    assert cleaned > psnr(255 * theirs, photo) - 1.5


def test_without_noise_a_copy(photo):
    assert np.array_equal(non_local_means(photo, sigma=0.0), photo)
    assert np.array_equal(non_local_means(photo, strength=0.0), photo)


@pytest.mark.parametrize("wrong", [{"strength": -1.0}, {"sigma": -1.0}])
def test_refuses_less_than_nothing(photo, wrong):
    with pytest.raises(ValueError, match="0 or more"):
        non_local_means(photo, **wrong)
