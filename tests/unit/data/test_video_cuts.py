from fractions import Fraction
from itertools import pairwise

import pytest

from facsimile.data.video_cuts import video_cuts


@pytest.mark.parametrize("frames", [1, 72, 249, 250, 251, 499, 500, 765, 4800])
@pytest.mark.parametrize("most", [1, 2, 4, 50])
def test_cuts_are_as_long_as_asked_inside_the_clip_and_apart(frames, most):
    cuts = video_cuts(frames, Fraction(25), 10.0, most)
    assert len(cuts) == min(most, max(1, frames // 250))
    assert cuts[0][0] == 0 and cuts[-1][1] <= frames
    assert {stop - start for start, stop in cuts} == {min(250, frames)}
    assert all(before[1] <= after[0] for before, after in pairwise(cuts))
    if len(cuts) > 1:
        assert cuts[-1][1] == frames


def test_an_empty_clip_gives_none_and_rates_need_not_be_whole():
    assert video_cuts(0, Fraction(25), 10.0, 4) == []
    assert video_cuts(600, Fraction(30000, 1001), 10.0, 1) == [(0, 300)]
