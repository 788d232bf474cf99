import numpy as np
import pytest

from facsimile.evaluation.steadiness import flicker_near, windows

LANDMARKS = np.array([[40, 40], [60, 40], [50, 52], [43, 62], [57, 62]], np.float32)


def test_each_item_stands_between_its_neighbours():
    assert list(windows(range(1))) == [(None, 0, None)]
    assert list(windows([])) == []
    assert [this for _, this, _ in windows(iter(range(5)))] == list(range(5))


def test_what_flashes_on_the_face_counts_and_elsewhere_does_not():
    dark = np.full((100, 100, 3), 50, np.uint8)
    face, corner = dark.copy(), dark.copy()
    face[20:80, 20:80] += 10
    corner[:15, :15] += 10
    assert flicker_near([dark, face, dark], LANDMARKS) == pytest.approx(20)
    assert flicker_near([dark, corner, dark], LANDMARKS) == 0


def test_even_brightening_counts_nothing():
    frames = [np.full((100, 100, 3), level, np.uint8) for level in (50, 60, 70)]
    assert flicker_near(frames, LANDMARKS) == pytest.approx(0, abs=1e-5)


def test_trembling_counts_more_than_grain():
    rng = np.random.default_rng(0)
    edges = np.zeros((100, 100, 3), np.uint8)
    edges[::1, 45:55] = 200
    still = [edges + rng.integers(0, 5, edges.shape, np.uint8) for _ in range(3)]
    shaken = [still[0], np.roll(still[1], 2, axis=1), still[2]]
    assert flicker_near(shaken, LANDMARKS) > 5 * flicker_near(still, LANDMARKS)
