import numpy as np
import pytest

from facsimile.degradations.brightness_contrast import BrightnessContrast


def test_is_a_straight_line_that_is_cut_off():
    image = np.array([[[0, 100, 250]]], np.uint8)
    changed = BrightnessContrast(brightness=0.1, contrast=1.2)(image, np.random.default_rng(0))
    assert changed.tolist() == [[[26, 146, 255]]]  # 25.5, 145.5, 325.5


def test_draws_within_both_ranges():
    grey = np.full((1, 1, 3), 0.5, np.float32)
    change = BrightnessContrast([-0.1, 0.1], [0.8, 1.2])
    seen = [float(change(grey, np.random.default_rng(s))[0, 0, 0]) for s in range(300)]
    assert 0.3 <= min(seen) < 0.34 and 0.66 < max(seen) <= 0.7


def test_a_range_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="within -1..1"):
        BrightnessContrast([0.5, 2])
