import numpy as np
import pytest
from scipy.fft import dctn
from scipy.linalg import hadamard

from facsimile.filters.collaborative import WINDOW, Estimate, hard_threshold, wiener_shrink

RNG = np.random.default_rng(0)


@pytest.fixture
def blocks():
    return RNG.normal(100, 20, (5, 4, 3, 8, 8)).astype(np.float32)


def spectrum(blocks):
    mixed = np.einsum("km,nmcij->nkcij", hadamard(4) / 2, blocks.astype(float))
    return dctn(mixed, axes=(3, 4), norm="ortho")


def test_no_threshold_changes_nothing(blocks):
    same, weights = hard_threshold(blocks, 0.0)
    assert np.allclose(same, blocks, atol=1e-3)
    assert np.allclose(weights, 1 / 256)


def test_small_coefficients_go_and_the_rest_stays(blocks):
    thresholded, weights = hard_threshold(blocks, 30.0)
    expected = spectrum(blocks)
    kept = np.abs(expected) > 30
    assert np.allclose(spectrum(thresholded), expected * kept, atol=2e-3)
    assert np.allclose(weights, 1 / kept.sum(axis=(1, 3, 4)))


def test_coefficients_are_scaled_by_the_pilots_share_of_signal(blocks):
    pilot = (blocks + RNG.normal(0, 5, blocks.shape)).astype(np.float32)
    shrunk, weights = wiener_shrink(blocks, pilot, 10.0)
    gains = spectrum(pilot) ** 2 / (spectrum(pilot) ** 2 + 100)
    assert np.allclose(spectrum(shrunk), spectrum(blocks) * gains, atol=0.02)
    assert np.allclose(weights, 1 / (gains**2).sum(axis=(1, 3, 4)), rtol=1e-3)


def test_the_mean_of_overlapping_blocks_is_weighted(blocks):
    places = RNG.integers(0, 5, (5, 4, 2))
    places[0, 0], places[0, 1], places[0, 2], places[0, 3] = (0, 0), (0, 4), (4, 0), (4, 4)
    weights = RNG.uniform(0.5, 2, (5, 3))
    sums, total = np.zeros((12, 12, 3)), np.zeros((12, 12, 3))
    for n, m, c in np.ndindex(5, 4, 3):
        y, x = places[n, m]
        sums[y : y + 8, x : x + 8, c] += weights[n, c] * WINDOW * blocks[n, m, c]
        total[y : y + 8, x : x + 8, c] += weights[n, c] * WINDOW
    estimate = Estimate(12, 12, 3)
    estimate.add(blocks[:2], weights[:2], places[:2])
    estimate.add(blocks[2:], weights[2:], places[2:])
    assert np.allclose(estimate.mean(), sums / total, rtol=1e-5)
