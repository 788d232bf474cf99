import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facsimile.filters.blur_width import estimate_blur


def blurred(image, sigma):
    return np.rint(gaussian_filter(image.astype(float), (sigma, sigma, 0))).astype(np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0, 5.0])
def test_finds_the_blur_of_steps(sigma):
    bars = np.arange(int(96 * sigma)) // int(12 * sigma) % 2 * np.uint8(200)
    image = np.dstack([np.tile(bars, (32, 1))] * 3)
    assert estimate_blur(blurred(image, sigma)) == pytest.approx(sigma, rel=0.3)


def test_a_photo_looks_the_more_blurred_the_more_it_is(photo):
    estimates = [estimate_blur(blurred(photo, sigma)) for sigma in (0.1, 1.5, 2.0, 3.0, 4.0)]
    assert estimates == sorted(estimates)
    assert estimates[0] < 1
    assert estimates[2] == pytest.approx(2, rel=0.2)


def test_nothing_to_see():
    assert estimate_blur(np.full((16, 16, 3), 50, np.uint8)) == float("inf")
