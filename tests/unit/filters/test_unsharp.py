import numpy as np
import pytest
from skimage.filters import unsharp_mask as oracle

from facsimile.filters.unsharp import unsharp_mask


@pytest.fixture
def image():
    return np.random.default_rng(0).random((20, 24, 3))


def test_agrees_with_skimage_away_from_the_border(image):
    ours = unsharp_mask(image, k=0.7, sigma=1.5)
    theirs = oracle(image, radius=1.5, amount=0.7, channel_axis=2, preserve_range=True)
    # skimage clips nothing here; its kernel is cut at 4 sigma, OpenCV's a little later.
    assert np.allclose(ours[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=2e-3)


def test_bytes_are_rounded_and_clipped():
    image = np.zeros((9, 9, 3), np.uint8)
    image[4:, :] = 250
    sharpened = unsharp_mask(image, k=3.0, sigma=1.0)
    assert sharpened.dtype == np.uint8
    assert sharpened.max() == 255
    assert sharpened[:4].max() == 0


def test_zero_strength_copies(image):
    copy = unsharp_mask(image, k=0.0, sigma=1.0)
    assert np.array_equal(copy, image)
    assert copy is not image
