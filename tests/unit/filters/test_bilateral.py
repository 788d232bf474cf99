import numpy as np
import pytest

from facsimile.filters.bilateral import bilateral


def by_hand(image, sigma_color, sigma_space):
    reach = round(1.5 * sigma_space)
    padded = np.pad(image.astype(float), ((reach, reach), (reach, reach), (0, 0)), "reflect")
    total, weights = np.zeros(image.shape), np.zeros(image.shape[:2])
    for y in range(-reach, reach + 1):
        for x in range(-reach, reach + 1):
            if x * x + y * y > reach * reach:
                continue
            other = padded[reach + y :, reach + x :][: image.shape[0], : image.shape[1]]
            difference = np.abs(other - image).sum(axis=2)
            weight = np.exp(
                -(x * x + y * y) / (2 * sigma_space**2) - difference**2 / (2 * sigma_color**2)
            )
            total += weight[..., None] * other
            weights += weight
    return total / weights[..., None]


@pytest.mark.parametrize(("sigma_color", "sigma_space"), [(30.0, 1.0), (60.0, 2.0)])
def test_agrees_with_the_definition(photo, sigma_color, sigma_space):
    for image in (photo, np.random.default_rng(0).integers(0, 256, (17, 19, 3), np.uint8)):
        expected = by_hand(image, sigma_color, sigma_space)
        assert np.abs(bilateral(image, sigma_color, sigma_space) - expected).max() < 1


@pytest.mark.parametrize("sigmas", [(0.0, 1.0), (1.0, -1.0)])
def test_refuses_no_width(sigmas):
    with pytest.raises(ValueError, match="must be positive"):
        bilateral(np.zeros((5, 5, 3), np.uint8), *sigmas)
