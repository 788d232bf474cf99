import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.morphology import dilation, disk, erosion

from facsimile.faces.mask_edges import blurred, eroded


@pytest.fixture
def square() -> np.ndarray:
    mask = np.zeros((100, 100), np.float32)
    mask[30:70, 25:75] = 1
    mask[45:50, 45:50] = 0.5
    return mask


@pytest.mark.parametrize("share", [0.03, 0.08])
def test_the_edge_moves_by_a_share_of_the_side(share, square):
    radius = round(100 * share)
    inner, outer = eroded(square, share), eroded(square, -share)
    assert inner[30 + radius, 40] == 1
    assert inner[29 + radius, 40] == 0
    assert outer[30 - radius, 40] == 1
    assert outer[29 - radius, 40] == 0


def test_agrees_with_skimage(square):
    """Their disc is a little rounder: only corners differ."""
    assert np.mean(eroded(square, 0.05) != erosion(square, disk(5))) < 0.01
    assert np.mean(eroded(square, -0.05) != dilation(square, disk(5))) < 0.01


def test_the_crops_border_is_no_edge():
    np.testing.assert_array_equal(eroded(np.ones((50, 50), np.float32), 0.1), 1)


def test_blur_agrees_with_scipy(square):
    expected = gaussian_filter(square, 4, mode="constant")
    np.testing.assert_allclose(blurred(square, 0.04), expected, atol=2e-3)


def test_shares_give_the_same_look_at_any_size(square):
    large = np.kron(square, np.ones((2, 2), np.float32))
    small = blurred(large, 0.04).reshape(100, 2, 100, 2).mean((1, 3))
    assert np.abs(small - blurred(square, 0.04)).max() < 0.02


def test_nothing_leaves_the_mask(square):
    np.testing.assert_array_equal(eroded(square, 0.0), square)
    np.testing.assert_array_equal(blurred(square, 0.0), square)
