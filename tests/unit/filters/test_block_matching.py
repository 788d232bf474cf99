import numpy as np
import pytest

from facsimile.filters.block_matching import Search, match_blocks


@pytest.mark.parametrize("threshold", [300.0, 1e9])
def test_agrees_with_trying_every_block(threshold):
    guide = np.random.default_rng(0).uniform(0, 60, (22, 25)).astype(np.float32)
    search = Search(block=4, reach=5, most=8, threshold=threshold)
    rows, columns = np.array([6, 9, 18]), np.array([0, 11, 21])
    places, counts = match_blocks(guide, rows, columns, search)
    for number, (y, x) in enumerate((y, x) for y in rows for x in columns):
        block = guide[y : y + 4, x : x + 4]
        tried = [
            (float(np.mean((guide[v : v + 4, u : u + 4] - block) ** 2)), (v, u))
            for v in range(max(y - 5, 0), min(y + 5, 18) + 1)
            for u in range(max(x - 5, 0), min(x + 5, 21) + 1)
        ]
        near = [place for distance, place in sorted(tried)[:8] if distance <= threshold]
        count = 2 ** int(np.log2(len(near)))
        assert counts[number] == count
        assert [tuple(p) for p in places[number, :count].tolist()] == near[:count]


def test_the_reference_comes_first_where_all_are_equal():
    search = Search(block=2, reach=2, most=4, threshold=1.0)
    places, counts = match_blocks(np.zeros((9, 9)), np.arange(4), np.arange(3), search)
    assert places[:, 0].tolist() == [[y, x] for y in range(4) for x in range(3)]
    assert set(counts) == {4}
