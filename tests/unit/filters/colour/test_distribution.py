"""histogram, idt and sot: whole distributions."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance
from skimage.exposure import match_histograms

from facsimile.filters.colour.histogram import match_histogram
from facsimile.filters.colour.idt import iterative_transfer
from facsimile.filters.colour.sot import sliced_transport
from facsimile.filters.colour.transport import transport


def test_histogram_agrees_with_skimage(clouds):
    image, reference, mask = clouds
    ours = match_histogram(image, reference, np.ones_like(mask))
    theirs = match_histograms(image, reference, channel_axis=2)
    assert np.abs(ours - np.clip(theirs, 0, 1)).max() < 0.02
    assert np.abs(ours - theirs).mean() < 1e-3


def test_transport_agrees_with_sorting():
    """Of equal weights the optimal transport pairs the sorted values."""
    rng = np.random.default_rng(0)
    values, wanted = rng.normal(0, 1, 2000), rng.gamma(2, 1, 2000)
    moved = transport(values, wanted, np.ones(2000))
    expected = np.empty(2000)
    expected[values.argsort()] = np.sort(wanted)
    assert np.abs(moved - expected).mean() < 0.01


def test_weights_of_a_transport_are_repetitions():
    rng = np.random.default_rng(2)
    values, wanted, counts = rng.random(50), rng.random(50), rng.integers(1, 4, 50)
    repeated = transport(
        np.repeat(values, counts), np.repeat(wanted, counts), np.ones(counts.sum())
    )
    weighted = np.repeat(transport(values, wanted, counts.astype(float)), counts)
    np.testing.assert_allclose(weighted, repeated, atol=1e-9)


def distance(image: np.ndarray, reference: np.ndarray, mask: np.ndarray) -> float:
    """Mean Wasserstein distance along lines that no transfer draws; the oracle is scipy."""
    lines = np.random.default_rng(99).normal(size=(8, 3))
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    ours, theirs, weights = image.reshape(-1, 3), reference.reshape(-1, 3), mask.ravel()
    return float(
        np.mean([wasserstein_distance(ours @ v, theirs @ v, weights, weights) for v in lines])
    )


@pytest.mark.parametrize("transfer", [iterative_transfer, sliced_transport])
def test_the_whole_distribution_becomes_the_references(transfer, clouds):
    image, reference, mask = clouds
    before = distance(image, reference, mask)
    after = distance(transfer(image, reference, mask), reference, mask)
    assert after < 0.06 * before
    # which a channel by itself cannot do
    assert distance(match_histogram(image, reference, mask), reference, mask) > 3 * after


@pytest.mark.parametrize(
    ("transfer", "few"),
    [(iterative_transfer, {"rotations": 1}), (sliced_transport, {"steps": 1})],
)
def test_more_steps_come_nearer(transfer, few, clouds):
    image, reference, mask = clouds
    one = distance(transfer(image, reference, mask, **few), reference, mask)
    assert distance(transfer(image, reference, mask), reference, mask) < one


def test_the_first_of_the_rotations_is_the_histogram(clouds):
    np.testing.assert_allclose(
        iterative_transfer(*clouds, rotations=1), match_histogram(*clouds), atol=1e-6
    )


@pytest.mark.parametrize("transfer", [iterative_transfer, sliced_transport])
def test_the_seed_draws_the_lines(transfer, clouds):
    one, other = (transfer(*clouds, seed=seed) for seed in (1, 2))
    assert 0 < np.abs(one - other).mean() < 0.01


def test_smoothing_keeps_the_grain(clouds):
    """The change of colour varies less from pixel to pixel."""
    image, reference, mask = clouds
    rough = sliced_transport(image, reference, mask) - image
    smooth = sliced_transport(image, reference, mask, smooth=4.0) - image
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.1 * np.abs(np.diff(rough, axis=0)).mean()
