import numpy as np
import pytest

from facsimile.degradations.colour_cast import ColourCast

GREY = np.full((2, 2, 3), 0.4, np.float32)


def gains(strength, seed):
    return ColourCast(strength)(GREY, np.random.default_rng(seed))[0, 0] / 0.4


def test_the_gains_are_as_strong_as_asked_and_keep_the_brightness():
    for seed in range(20):
        logarithms = np.log(gains(0.3, seed))
        assert np.linalg.norm(logarithms) == pytest.approx(0.3, abs=1e-5)
        assert logarithms.sum() == pytest.approx(0, abs=1e-5)


def test_every_channel_is_raised_as_often():
    highest = [int(np.argmax(gains(0.3, seed))) for seed in range(300)]
    assert np.bincount(highest, minlength=3) / 300 == pytest.approx([1 / 3] * 3, abs=0.1)


def test_white_is_clipped():
    white = np.full((4, 4, 3), 255, np.uint8)
    tinted = ColourCast(0.5)(white, np.random.default_rng(0))[0, 0]
    assert tinted.max() == 255
    assert tinted.min() < 220
