import numpy as np
import pytest
from skimage.color import rgb2lab

from facsimile.filters.colour_transfer import reinhard


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    image = rng.uniform(0.3, 0.6, (24, 24, 3)).astype(np.float32)
    reference = (rng.uniform(0.4, 0.55, (24, 24, 3)) * [1.0, 0.8, 0.7]).astype(np.float32)
    mask = np.zeros((24, 24), np.float32)
    mask[6:18, 6:18] = rng.uniform(0.2, 1, (12, 12))
    return image, reference, mask


def statistics(image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pixels, weights = rgb2lab(image).reshape(-1, 3), mask.ravel()
    mean = np.average(pixels, axis=0, weights=weights)
    return mean, np.sqrt(np.average((pixels - mean) ** 2, axis=0, weights=weights))


def test_takes_over_mean_and_spread_inside_the_mask(pictures):
    """The oracle of the colour space is skimage."""
    image, reference, mask = pictures
    mean, spread = statistics(reinhard(image, reference, mask), mask)
    wanted_mean, wanted_spread = statistics(reference, mask)
    np.testing.assert_allclose(mean, wanted_mean, atol=0.1)
    np.testing.assert_allclose(spread, wanted_spread, atol=0.1)


def test_outside_of_the_mask_does_not_count(pictures):
    image, reference, mask = pictures
    other = reference.copy()
    other[mask == 0] = 0.9
    np.testing.assert_array_equal(reinhard(image, other, mask), reinhard(image, reference, mask))


def test_a_picture_with_its_own_colours_stays(pictures):
    image, _, mask = pictures
    np.testing.assert_allclose(reinhard(image, image, mask), image, atol=2e-3)


def test_an_empty_mask_changes_nothing(pictures):
    image, reference, _ = pictures
    np.testing.assert_array_equal(reinhard(image, reference, np.zeros((24, 24))), image)


def test_a_flat_picture_gives_finite_colours_in_range(pictures):
    _, reference, mask = pictures
    result = reinhard(np.full((24, 24, 3), 0.5, np.float32), reference, mask)
    assert np.isfinite(result).all()
    assert 0 <= result.min() <= result.max() <= 1
    assert result.dtype == np.float32
