import numpy as np
import pytest
from scipy.stats import bootstrap

from facsimile.evaluation.bootstrap import bounds, identity_draws

PEOPLE = np.repeat(np.arange(6), 4)
LABELS = np.tile([0, 1, 1, 0], 6)


def test_the_interval_of_a_mean_is_scipy_s():
    values = np.random.default_rng(3).normal(5, 2, 60)
    rng = np.random.default_rng(0)
    mine = bounds([values[rng.integers(60, size=60)].mean() for _ in range(4000)])
    theirs = bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=1)
    assert mine == pytest.approx(tuple(theirs.confidence_interval), abs=0.05)


def test_without_draws_there_are_no_bounds():
    assert np.isnan(bounds([])).all()


def test_all_faces_of_an_identity_are_drawn_as_often_as_it_is():
    drawn = identity_draws(PEOPLE, LABELS, 50, seed=1)
    assert len(drawn) == 50
    for weights in drawn:
        by_person = weights.reshape(6, 4)
        assert (by_person == by_person[:, :1]).all()
        assert by_person[:, 0].sum() == 6
    assert len({tuple(weights) for weights in drawn}) > 40


def test_draws_that_lack_real_or_fake_faces_are_left_out():
    one_is_real = np.where(PEOPLE == 0, 0, 1)
    drawn = identity_draws(PEOPLE, one_is_real, 200, seed=1)
    assert 0 < len(drawn) < 200
    assert all(weights[0] > 0 for weights in drawn)


def test_the_seed_alone_decides():
    first, second = (identity_draws(PEOPLE, LABELS, 3, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, second)
