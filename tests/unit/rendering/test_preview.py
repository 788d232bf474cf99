import numpy as np
import pytest

from facsimile.rendering.preview import grid, side_by_side, spread


@pytest.mark.parametrize(("count", "total"), [(8, 900), (8, 8), (8, 3), (1, 1), (5, 6)])
def test_spread_is_even_and_within(count, total):
    chosen = spread(count, total)
    assert len(set(chosen)) == min(count, total)
    assert chosen == sorted(chosen)
    assert chosen[0] >= 0
    assert chosen[-1] < total
    gaps = np.diff(chosen)
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1


def test_side_by_side_keeps_both_pictures():
    left, right = np.full((4, 6, 3), 10, np.uint8), np.full((4, 6, 3), 200, np.uint8)
    pair = next(side_by_side([left], [right]))
    np.testing.assert_array_equal(pair[:, :6], left)
    np.testing.assert_array_equal(pair[:, 6:], right)


def test_side_by_side_of_unequal_length_is_an_error():
    image = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(ValueError, match="shorter"):
        list(side_by_side([image, image], [image]))


def test_grid_has_a_row_for_each_and_keeps_the_aspect():
    rows = [[np.full((200, 300, 3), 50 * row, np.uint8)] * 4 for row in (1, 2)]
    sheet = grid(rows, height=100)
    assert sheet.shape == (2 * 104, 4 * 154, 3)
    assert sheet[50, 70].tolist() == [50] * 3
    assert sheet[154, 70].tolist() == [100] * 3


def test_grid_never_enlarges():
    assert grid([[np.zeros((20, 30, 3), np.uint8)]], height=100).shape == (24, 34, 3)
