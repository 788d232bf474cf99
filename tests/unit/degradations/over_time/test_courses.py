import numpy as np
import pytest
from scipy.signal import periodogram

from facsimile.degradations.over_time.courses import Pulses, Steps, Wander

RATE = 25.0
TIMES = np.arange(0, 60, 1 / RATE)


def sampled(course, seed, times=TIMES):
    at = course.drawn(np.random.default_rng(seed))
    return np.array([at(float(time)) for time in times])


@pytest.mark.parametrize("seed", range(5))
def test_what_wanders_is_smooth_and_uses_its_range(seed):
    values = sampled(Wander(-2.0, 3.0, 2.0), seed)
    assert -2 <= values.min() < -0.8
    assert 1.8 < values.max() <= 3
    assert np.abs(np.diff(values)).max() * RATE <= 1.6 * np.pi * 5 / 2


@pytest.mark.parametrize("seed", range(5))
def test_the_spectrum_of_what_wanders_ends_where_noise_goes_on(seed):
    def share_above(values):
        rates, power = periodogram(values, RATE, "hann", detrend="constant")
        return power[rates > 1.0].sum() / power.sum()

    assert share_above(sampled(Wander(0, 1, 2.0), seed)) < 0.001
    assert share_above(np.random.default_rng(seed).random(len(TIMES))) > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_pulses_rise_at_once_at_a_steady_beat_and_fall_in_between(seed):
    times = np.arange(0, 20, 0.001)
    steps = np.diff(sampled(Pulses(0.5, 2.0, 2.5, 0.3), seed, times))
    (rises,) = np.nonzero(steps > 0.5)
    assert len(rises) in (49, 50)
    assert np.diff(rises) == pytest.approx(400, abs=1.01)
    assert (np.delete(steps, rises) < 0).all()


def test_a_pulse_falls_as_far_as_it_says():
    values = sampled(Pulses(1.0, 3.0, 1.0, 0.25), 0, np.arange(0, 5, 0.001))
    flash = int(values[:1500].argmax())
    assert values[flash] == pytest.approx(3, abs=0.01)
    assert values[flash + 250] == pytest.approx(1 + 2 / np.e, abs=0.02)


def test_steps_keep_a_number_for_a_beat_whatever_was_asked_before():
    times = np.arange(0, 30, 0.01)
    values = sampled(Steps(5.0, 6.0, 2.0), 4, times)
    lengths = np.diff(np.nonzero(np.diff(values))[0])
    assert set(lengths) <= {49, 50, 51}
    assert 5 <= values.min() < 5.2
    assert 5.8 < values.max() <= 6
    assert np.array_equal(sampled(Steps(5.0, 6.0, 2.0), 4, times[::-1])[::-1], values)


@pytest.mark.parametrize("course", [Wander(0, 1, (1, 4)), Pulses(0, 1, (1, 3), 0.3)])
def test_every_draw_is_another(course):
    first, again, other = (sampled(course, seed, TIMES[:50]) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize(
    "make",
    [
        lambda: Wander(1, 0, 1),
        lambda: Wander(0, 1, 0),
        lambda: Pulses(1, 0, 1, 1),
        lambda: Pulses(0, 1, (3, 1), 1),
        lambda: Steps(2, 1, 1),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(ValueError, match=r"must be"):
        make()
