import pytest

from facsimile.inference.tiles import spans

CASES = [
    (length, core, overlap, stride)
    for length in (1, 7, 64, 100, 513, 1000)
    for core in (32, 50, 512)
    for overlap in (0, 10, 200)
    for stride in (1, 4, 16)
]


@pytest.mark.parametrize(("length", "core", "overlap", "stride"), CASES)
def test_cores_abut_and_see_enough_on_the_nets_grid(length, core, overlap, stride):
    found = spans(length, core, overlap, stride)
    assert [one.start for one in found] == [0, *(one.stop for one in found[:-1])]
    assert found[-1].stop == length
    assert max(one.stop - one.start for one in found) < core + stride
    for one in found:
        assert one.first % stride == 0
        assert one.last == length or one.last % stride == 0
        assert one.first == 0 or one.start - one.first >= overlap
        assert one.last == length or one.last - one.stop >= overlap
