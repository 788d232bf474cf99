import numpy as np
import pytest

from facsimile.data.tint import Tint

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)


def test_nothing_to_draw_changes_nothing():
    assert np.array_equal(Tint(0.0, 0.0)(RAMP, np.random.default_rng(0)), RAMP)


def test_black_white_and_order_stay():
    for seed in range(20):
        tinted = Tint(0.5, 0.3)(RAMP, np.random.default_rng(seed)).astype(int)
        assert tinted[0, 0].tolist() == [0, 0, 0]
        assert tinted[0, 255].tolist() == [255, 255, 255]
        assert (np.diff(tinted, axis=1) >= 0).all()


def test_half_of_the_images_keep_their_hue():
    grey = [
        (np.ptp(Tint(0.5, 0.3)(RAMP, np.random.default_rng(s)), axis=2) == 0).all()
        for s in range(300)
    ]
    assert np.mean(grey) == pytest.approx(0.5, abs=0.1)


def test_brightness_goes_as_far_as_it_says():
    middle = [Tint(0.5, 0.0)(RAMP, np.random.default_rng(s))[0, 128, 0] for s in range(300)]
    reach = [255 * (128 / 255) ** np.exp(gamma) for gamma in (0.5, -0.5)]
    assert reach[0] - 1 <= min(middle) < reach[0] + 4
    assert reach[1] - 4 < max(middle) <= reach[1] + 1


def test_is_a_function_of_the_generator():
    first, again, other = (Tint(0.5, 0.3)(RAMP, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_shading_is_smooth_and_the_same_for_all_colours():
    grey = np.full((96, 80, 3), 120, np.uint8)
    shaded = Tint(0.0, 0.0, shading=0.4)(grey, np.random.default_rng(3))
    assert (shaded[..., :1] == shaded).all()
    assert np.ptp(shaded) > 20
    steps = [np.abs(np.diff(shaded[..., 0].astype(int), axis=axis)).max() for axis in (0, 1)]
    assert max(steps) <= 5


def test_channels_change_places_in_a_share_of_the_images():
    image = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    moved, rng = [], np.random.default_rng(0)
    for _ in range(300):
        shuffled = Tint(0.0, 0.0, shuffled=0.6)(image, rng)
        assert sorted(shuffled[0, 0]) == sorted(image[0, 0])
        moved.append((shuffled != image).any())
    assert 0.6 * 5 / 6 - 0.1 < np.mean(moved) < 0.6 * 5 / 6 + 0.1  # one order in six is the old one


def test_what_is_off_draws_nothing():
    image = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    plain = Tint(0.5, 0.3)(image, np.random.default_rng(5))
    np.testing.assert_array_equal(Tint(0.5, 0.3, 0.0, 0.0)(image, np.random.default_rng(5)), plain)
