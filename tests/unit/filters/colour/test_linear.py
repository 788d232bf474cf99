"""lct and mkl: the linear maps."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from facsimile.filters.colour.lct import linear
from facsimile.filters.colour.mkl import monge_kantorovich


def statistics(image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pixels = image.reshape(-1, 3).astype(float)
    return np.average(pixels, axis=0, weights=mask.ravel()), np.cov(
        pixels.T, aweights=mask.ravel(), ddof=0
    )


@pytest.mark.parametrize("transfer", [linear, monge_kantorovich])
def test_mean_and_covariance_become_the_references(transfer, clouds):
    image, reference, mask = clouds
    mean, covariance = statistics(transfer(image, reference, mask), mask)
    wanted_mean, wanted = statistics(reference, mask)
    np.testing.assert_allclose(mean, wanted_mean, atol=1e-3)
    np.testing.assert_allclose(covariance, wanted, atol=3e-5)
    assert np.abs(statistics(image, mask)[1] - wanted).max() > 1e-3


def test_mkl_is_the_optimal_map_between_two_normal_distributions(clouds):
    """The oracle of the matrix is scipy's general square root; the map is fitted to the result."""
    image, reference, mask = clouds
    mean, one = statistics(image, mask)
    new_mean, other = statistics(reference, mask)
    half = sqrtm(one)
    back = np.linalg.inv(half)
    expected = back @ sqrtm(half @ other @ half) @ back
    result = monge_kantorovich(image, reference, mask)
    fitted, *_ = np.linalg.lstsq(
        image.reshape(-1, 3) - mean, result.reshape(-1, 3) - new_mean, rcond=None
    )
    np.testing.assert_allclose(fitted.T, expected, atol=5e-3)
    np.testing.assert_allclose(fitted, fitted.T, atol=5e-3)


def test_mkl_moves_colours_less_than_lct(clouds):
    image, reference, mask = clouds
    moved = [
        np.average(((transfer(image, reference, mask) - image) ** 2).sum(-1), weights=mask)
        for transfer in (monge_kantorovich, linear)
    ]
    assert moved[0] < moved[1]
