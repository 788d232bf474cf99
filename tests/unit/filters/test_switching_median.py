import numpy as np
import pytest

from facsimile.filters.median import median
from facsimile.filters.switching_median import broken_pixels, switching_median
from facsimile.metrics.psnr import psnr


def salted(image, amount):
    rng = np.random.default_rng(0)
    draw = rng.random(image.shape[:2])
    broken = image.copy()
    broken[draw < amount / 2] = 0
    broken[draw > 1 - amount / 2] = 255
    return broken


def by_hand(image, broken):
    repaired = image.copy()
    for y, x in np.argwhere(broken):
        for reach in range(1, 8):
            window = np.s_[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
            sound = image[window][~broken[window]]
            if len(sound):
                repaired[y, x] = np.median(sound, axis=0).astype(np.uint8)
                break
    return repaired


@pytest.mark.parametrize("amount", [0.05, 0.3, 0.7])
def test_agrees_with_the_definition(photo, amount):
    image = salted(photo, amount)[:50]
    assert np.array_equal(switching_median(image), by_hand(image, broken_pixels(image)))


@pytest.mark.parametrize(("amount", "least"), [(0.05, 38), (0.10, 35)])
def test_far_better_than_a_median_of_everything(photo, amount, least):
    image = salted(photo, amount)
    repaired = psnr(switching_median(image), photo)
    assert repaired > least
    assert repaired > psnr(median(image, 3), photo) + 5


def test_sound_pixels_stay(photo):
    image = salted(photo, 0.1)
    sound = ~((image == 0).all(axis=2) | (image == 255).all(axis=2))
    assert np.array_equal(switching_median(image)[sound], image[sound])
    assert np.array_equal(switching_median(photo)[sound], photo[sound])


@pytest.mark.parametrize("extreme", [0, 255])
def test_an_area_of_black_or_white_is_no_noise(extreme):
    image = np.full((20, 20, 3), 90, np.uint8)
    image[4:16, :10] = extreme
    expected = image.copy()
    expected[[4, 15], 9] = 90  # the area's corners
    assert np.array_equal(switching_median(image), expected)
    assert (switching_median(np.full_like(image, extreme)) == extreme).all()


def test_noise_within_a_black_area_is_repaired_to_black():
    image = np.zeros((9, 9, 3), np.uint8)
    image[4, 4] = 255
    assert not switching_median(image).any()


def test_pure_colours_are_no_noise():
    image = np.full((3, 3, 3), 80, np.uint8)
    image[1, 1] = (255, 0, 0)
    assert np.array_equal(switching_median(image), image)


def test_where_nothing_is_sound_nothing_changes():
    board = (np.indices((40, 40)).sum(axis=0) % 2 * 255).astype(np.uint8)
    image = np.dstack([board] * 3)
    assert np.array_equal(switching_median(image), image)
