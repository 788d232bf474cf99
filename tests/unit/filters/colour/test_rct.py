import numpy as np
from skimage.color import rgb2lab

from facsimile.filters.colour.rct import reinhard


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
