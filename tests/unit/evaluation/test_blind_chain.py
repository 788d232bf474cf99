import numpy as np
import pytest

from facsimile.data.held_out import Pair
from facsimile.evaluation.blind_chain import best_blind_chain, ordered_chains

GT = np.random.default_rng(0).integers(20, 200, (24, 24, 3)).astype(np.uint8)


def pair(lq):
    return Pair("a.png", "a", lq, GT)


def lift(image):  # undoes "dark"
    return np.where(image.mean() < GT.mean() - 5, image + np.uint8(9), image)


def flip(image):  # undoes "mirrored", and ruins all others
    return np.ascontiguousarray(image[:, ::-1])


def invert(image):
    return np.uint8(255) - image


FILTERS = {"lift": lift, "flip": flip, "invert": invert, "copy": np.copy}
DARK = (GT - 9).astype(np.uint8)
PAIRS = {"dark": [pair(DARK), pair(DARK)], "as it is": [pair(GT)]}


def test_chains_take_one_strength_of_a_kind_and_every_order():
    assert ordered_chains([["a1", "a2"], ["b"]]) == [
        (), ("a1",), ("a2",), ("b",), ("a1", "b"), ("a2", "b"), ("b", "a1"), ("b", "a2"),
    ]  # fmt: skip
    assert len(ordered_chains([["a"], ["b"], ["c"], ["d"]], longest=3)) == 1 + 4 + 12 + 24


def test_order_counts():
    pairs = {"negative of dark": [pair(invert(DARK))]}
    best, table = best_blind_chain(pairs, FILTERS, ordered_chains([["lift"], ["invert"]]))
    assert best == ("invert", "lift")
    assert table.index[0] == "invert > lift"
    assert table.loc["lift > invert", "psnr"] < table.loc["invert > lift", "psnr"]


def test_the_chain_that_helps_one_and_ruins_none_is_chosen():
    candidates = ordered_chains([["flip"], ["lift"], ["invert"]])
    best, table = best_blind_chain(PAIRS, FILTERS, candidates)
    assert best == ("lift",)
    assert list(table.columns) == ["dark", "as it is", "psnr", "gain"]
    assert len(table) == len(candidates)
    assert table["gain"].is_monotonic_decreasing
    unchanged = 10 * np.log10(255**2 / 81)
    assert table.loc["", "dark"] == pytest.approx(unchanged)
    assert table.loc["lift", "gain"] == pytest.approx((60 - unchanged) / 2)


def test_every_degradation_counts_the_same_whatever_its_number_of_pairs():
    many = {"dark": [pair(DARK)] * 9, "as it is": [pair(GT)]}
    candidates = ordered_chains([["lift"], ["flip"]])
    few = best_blind_chain(PAIRS, FILTERS, candidates)[1]
    assert best_blind_chain(many, FILTERS, candidates)[1].round(6).equals(few.round(6))


def test_of_equals_the_shorter_is_chosen():
    best, _ = best_blind_chain(PAIRS, FILTERS, ordered_chains([["copy"], ["lift"]]))
    assert best == ("lift",)
    assert best_blind_chain({"x": [pair(GT)]}, FILTERS, [(), ("copy",)])[0] == ()


def test_a_gain_is_told_even_if_doing_nothing_is_no_candidate():
    _, table = best_blind_chain(PAIRS, FILTERS, [("lift",)])
    assert table.loc["lift", "gain"] > 0


def test_what_chains_share_is_computed_once():
    calls = []

    def counted(image):
        calls.append(1)
        return image

    filters = FILTERS | {"counted": counted}
    candidates = [("counted", "lift"), ("counted", "copy"), ("counted", "copy", "lift")]
    best_blind_chain({"x": [pair(DARK)]}, filters, candidates)
    assert len(calls) == 1


@pytest.mark.parametrize(("pairs", "candidates"), [({}, [()]), ({"a": []}, [()]), (PAIRS, [])])
def test_refuses_nothing(pairs, candidates):
    with pytest.raises(ValueError, match="are needed"):
        best_blind_chain(pairs, FILTERS, candidates)
