import cv2
import numpy as np
import pytest
from scipy.ndimage import laplace

from facsimile.filters.unsharp import unsharp_mask
from facsimile.rendering.sharpness import Finish, MatchSharpness, Sharpen, sharpness_inside


@pytest.fixture
def picture() -> np.ndarray:
    """Detail of all sizes, as in photographs."""
    rng, total = np.random.default_rng(0), np.zeros((96, 96, 3))
    for side in (6, 12, 24, 48, 96):
        total += cv2.resize(rng.normal(0, 1, (side, side, 3)), (96, 96), interpolation=3)
    return (0.5 + 0.05 * total).clip(0, 1).astype(np.float32)


@pytest.fixture
def mask() -> np.ndarray:
    y, x = np.mgrid[0:96, 0:96]
    return np.clip((36 - np.hypot(x - 48, y - 48)) / 8, 0, 1).astype(np.float32)


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def test_sharpness_agrees_with_scipy(picture, mask):
    grey = picture @ [0.299, 0.587, 0.114]
    expected = np.sqrt(np.average(laplace(grey, mode="mirror") ** 2, weights=mask))
    assert sharpness_inside(picture, mask) == pytest.approx(expected, rel=1e-3)
    assert sharpness_inside(picture, 0 * mask) == 0


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.0])
def test_finds_the_blur_that_the_target_went_through(sigma, picture, mask):
    result = MatchSharpness()(picture, blurred(picture, sigma), mask)
    assert np.abs(result - blurred(picture, sigma)).max() < 0.02
    assert np.abs(picture - blurred(picture, sigma)).max() > 0.1


def test_sharpness_becomes_the_targets(picture, mask):
    """Of another picture, which needs neither the same detail nor the same blur."""
    target = blurred(picture[::-1, ::-1].copy(), 1.3)
    wanted = sharpness_inside(target, mask)
    for face in (picture, blurred(picture, 2.0)):
        result = MatchSharpness(max_k=20.0)(face, target, mask)
        assert sharpness_inside(result, mask) == pytest.approx(wanted, rel=0.02)


def test_a_softer_face_is_left_unless_it_may_be_sharpened(picture, mask):
    soft = blurred(picture, 1.5)
    np.testing.assert_array_equal(MatchSharpness()(soft, picture, mask), soft)
    bounded = MatchSharpness(max_k=0.5)(soft, picture, mask)
    np.testing.assert_allclose(bounded, np.clip(unsharp_mask(soft, 0.5, 1.0), 0, 1), atol=1e-3)


def test_no_more_blur_than_is_allowed(picture, mask):
    result = MatchSharpness(max_sigma=0.7)(picture, blurred(picture, 3.0), mask)
    np.testing.assert_allclose(result, blurred(picture, 0.7), atol=1e-3)
    never = MatchSharpness(max_sigma=0.0)(picture, blurred(picture, 3.0), mask)
    np.testing.assert_array_equal(never, picture)


def test_only_what_is_inside_the_mask_is_measured(picture, mask):
    target = blurred(picture, 1.0)
    other = target.copy()
    other[:8] = np.random.default_rng(1).random((8, 96, 3))
    one, two = (MatchSharpness()(picture, each, mask) for each in (target, other))
    np.testing.assert_array_equal(one, two)


def test_an_empty_mask_or_the_same_picture_changes_nothing(picture, mask):
    match = MatchSharpness(max_k=1.0)
    np.testing.assert_array_equal(match(picture, blurred(picture, 2.0), 0 * mask), picture)
    np.testing.assert_array_equal(match(picture, picture, mask), picture)


def test_a_flat_target_takes_the_strongest_blur(picture, mask):
    result = MatchSharpness()(picture, np.full_like(picture, 0.5), mask)
    assert sharpness_inside(result, mask) < 0.1 * sharpness_inside(picture, mask)


def test_sharpening_is_unsharp_masking_within_range(picture, mask):
    result = Sharpen(2.0, 1.5)(picture, picture, mask)
    np.testing.assert_array_equal(result, np.clip(unsharp_mask(picture, 2.0, 1.5), 0, 1))
    assert Sharpen()(picture, picture, mask) is picture


@pytest.mark.parametrize("finish", [Sharpen(1.0), MatchSharpness(max_k=2.0)])
def test_both_are_finishes(finish, picture, mask):
    assert isinstance(finish, Finish)
    for target in (blurred(picture, 2.0), unsharp_mask(picture, 3.0, 1.0).clip(0, 1)):
        result = finish(picture, target, mask)
        assert result.dtype == np.float32
        assert 0 <= result.min() <= result.max() <= 1
