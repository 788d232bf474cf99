import numpy as np
import pytest
from skimage.morphology import disk

from facsimile.degradations.defocus import Defocus, disc_kernel


@pytest.mark.parametrize("radius", [0.8, 1.0, 2.5, 4.0, 9.3])
def test_kernel_is_a_disc(radius):
    kernel = disc_kernel(radius).astype(float)
    reach = len(kernel) // 2
    x = np.arange(-reach, reach + 1)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    # full inside: one part of the disc's area
    assert kernel.max() == pytest.approx(1 / max(1, np.pi * radius**2), rel=0.05, abs=0.03)
    # on one axis, the variance of a disc is r^2 / 4, that of a pixel 1 / 12
    assert (kernel.sum(axis=0) * x**2).sum() == pytest.approx(radius**2 / 4 + 1 / 12, abs=0.08)
    assert np.array_equal(kernel, kernel[::-1])
    assert np.array_equal(kernel, kernel.T)


def test_a_point_becomes_a_disc():
    image = np.zeros((31, 31, 3), np.float32)
    image[15, 15] = 1
    spot = Defocus(6)(image, np.random.default_rng(0))[..., 0]
    solid = np.pad(disk(5), 10)
    assert (spot[solid > 0] > 0.8 / (np.pi * 36)).all()
    assert spot[np.pad(disk(7), 8) == 0].max() < 1e-6


@pytest.mark.parametrize("radius", [3, 8, 10, 12.5])
def test_a_flat_image_stays_as_bright(radius):
    flat = np.full((40, 40, 3), 180, np.uint8)
    assert np.array_equal(Defocus(radius)(flat, np.random.default_rng(0)), flat)
