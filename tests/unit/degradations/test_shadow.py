import numpy as np
import pytest

from facsimile.degradations.shadow import Shadow

FLAT = np.full((48, 48, 3), 200, np.uint8)


def shaded_part(count):
    shaded = [
        Shadow(0.5, 0.02, count)(FLAT, np.random.default_rng(seed)) < 190 for seed in range(60)
    ]
    return np.mean(shaded)


def test_several_shadows_cover_more():
    one, three, range_of_both = shaded_part(1), shaded_part(3), shaded_part([1, 3])
    assert one + 0.1 < three
    assert one + 0.03 < range_of_both < three - 0.03


def test_where_shadows_meet_the_darker_one_is_seen():
    for seed in range(20):
        shaded = Shadow(0.5, 0.02, 4)(FLAT, np.random.default_rng(seed))
        assert 100 <= shaded.min() <= 110


@pytest.mark.parametrize("count", [0, 1.5, [3, 2]])
def test_counts_are_whole(count):
    with pytest.raises(ValueError, match="must be"):
        Shadow(count=count)
