import numpy as np
import pytest

from facsimile.filters.noise import estimate_noise

# skimage 0.26's estimate_sigma (which needs PyWavelets) of the same pictures; 0: none was added
SKIMAGE = {0: 2.874759, 2: 3.810097, 10: 10.727480, 30: 28.981049}


@pytest.mark.parametrize("sigma", SKIMAGE)
def test_agrees_with_skimage(noisy, sigma):
    import skimage.data

    image = noisy(skimage.data.astronaut()[:128, 128:257], sigma)
    assert estimate_noise(image) == pytest.approx(SKIMAGE[sigma], rel=0.01)


@pytest.mark.parametrize("sigma", [5, 20])
def test_finds_what_was_added_to_a_flat_picture_grey_or_not(noisy, sigma):
    for shape in ((128, 128), (128, 128, 3)):
        image = noisy(np.full(shape, 128, np.uint8), sigma)
        assert estimate_noise(image) == pytest.approx(sigma, rel=0.05)


def test_a_ramp_has_no_noise():
    ramp = np.repeat(np.arange(0, 250, 5, dtype=np.uint8)[None, :, None], 40, axis=0)
    assert estimate_noise(np.repeat(ramp, 3, axis=2)[:, 2:-2]) < 1
