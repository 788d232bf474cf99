import numpy as np
import pandas as pd
import pytest

from facsimile.data.splits import (
    IDENTITY,
    SWAP,
    IdentityRule,
    SwapRule,
    check_leaks,
    split_identities,
    split_rules,
    split_swap,
    summary,
)
from facsimile.errors import UserError

BY_NAME = IdentityRule(
    {"test": ["cap", "orl_s3[1-9]", "orl_s40"], "val": ["orl_s30"], "train": ["orl_s*", "franck"]},
    {"val": 0.1, "test": 0.2},
)
BLOCKS = SwapRule(
    10,
    {"val": 0.1, "test": 0.2},
    {"a": {"val": [60, 80], "test": [85, 100]}, "t": {"test": [0, 9]}},
)


def faces(clip, frames, subject="x"):
    return pd.DataFrame(
        {
            "path": [f"{clip}/{frame}" for frame in frames],
            "subject": subject,
            "clip": clip,
            "frame": list(frames),
            "crop_landmarks": [[0.0] * 10 for _ in frames],
            "yaw": 0.0,
        }
    )


@pytest.mark.parametrize(
    ("subject", "split"),
    [
        ("cap", "test"),
        ("orl_s31", "test"),
        ("orl_s40", "test"),
        ("orl_s30", "val"),
        ("orl_s3", "train"),
        ("orl_s1", "train"),
        ("franck", "train"),
    ],
)
def test_people_go_where_their_name_says(subject, split):
    assert BY_NAME.split(subject) == split


def test_unlisted_people_are_shared_out():
    names = [f"actor_{n}" for n in range(4000)]
    found = pd.Series([BY_NAME.split(name) for name in names]).value_counts(normalize=True)
    assert found["test"] == pytest.approx(0.2, abs=0.02)
    assert found["val"] == pytest.approx(0.1, abs=0.02)


def test_a_person_stays_when_others_come():
    few = split_identities(faces("c", range(3), "actor_7"), BY_NAME)
    more = pd.concat([faces("b", range(3), f"actor_{n}") for n in range(20)])
    many = split_identities(more, BY_NAME)
    assert set(few.split) == set(many[many.subject == "actor_7"].split)
    assert list(many.columns) == IDENTITY.names


def test_blocks_and_gaps_by_frame():
    found = dict(zip(range(100), BLOCKS.split("a", range(100)), strict=True))
    assert {f for f, s in found.items() if s == "train"} == set(range(0, 51))
    assert {f for f, s in found.items() if s == "val"} == set(range(60, 76))
    assert {f for f, s in found.items() if s == "test"} == set(range(85, 100))


def test_a_clip_can_be_test_wholly():
    assert set(BLOCKS.split("t", range(9))) == {"test"}


def test_a_clip_without_blocks_holds_out_its_end():
    frames = list(range(1000, 2000))
    found = np.array(BLOCKS.split("other", frames))
    assert list(found[800:]) == ["test"] * 200
    assert list(found[700:791]) == ["val"] * 91
    assert set(found[791:800]) == {""}
    assert set(found[:691]) == {"train"}
    assert set(found[691:700]) == {""}


def test_blocks_never_leak_whatever_the_gap():
    for gap in (1, 2, 25, 300):
        rule = SwapRule(gap, {"val": 0.1, "test": 0.2}, BLOCKS.blocks)
        rows = pd.concat([faces("a", range(100)), faces("b", range(0, 700, 3))])
        swap = split_swap(rows, rule)
        check_leaks(pd.DataFrame(columns=IDENTITY.names), swap[swap.split != ""], gap)
        assert (swap.split == "test").sum() > 0


def test_no_pair_gives_an_empty_table():
    empty = split_swap(faces("a", []), BLOCKS)
    assert list(empty.columns) == SWAP.names
    assert empty.empty


def tables():
    identity = split_identities(faces("a", range(3), "cap"), BY_NAME)
    swap = split_swap(faces("a", range(100)), BLOCKS)
    return identity, swap[swap.split != ""].copy()


def test_sound_tables_pass():
    check_leaks(*tables(), 10)


def test_a_person_in_two_splits_is_named():
    identity, swap = tables()
    identity.loc[1, "split"] = "train"
    with pytest.raises(UserError, match="cap is in test and train"):
        check_leaks(identity, swap, 10)


def test_near_frames_in_two_splits_are_named():
    identity, swap = tables()
    swap.loc[swap.frame == 50, "split"] = "test"
    with pytest.raises(UserError, match=r"frames 49 \(train\) and 50 \(test\) of a"):
        check_leaks(identity, swap, 10)


def test_a_path_that_stands_twice_is_named():
    identity, swap = tables()
    with pytest.raises(UserError, match="swap: a/99 is there twice"):
        check_leaks(identity, pd.concat([swap, swap.tail(1)]), 10)


def test_summary_counts():
    identity, swap = tables()
    assert summary(identity, swap) == {
        "identity": {"test": {"faces": 3, "subjects": 1}},
        "swap": {"x": {"test": 15, "train": 51, "val": 16}},
    }


def given(**swap):
    return {
        "identity": {"patterns": {"test": ["cap"]}, "unlisted": {"val": 0.1}},
        "swap": {"gap": 25, "unlisted": {}, "blocks": {"franck": {"test": [0, 9]}}} | swap,
    }


def test_rules_of_the_parameters():
    people, time = split_rules(given())
    assert people.split("cap") == "test" and time.gap == 25
    assert time.split("franck", range(8, 10)) == ["test", ""]


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("identity.patterns", {"tset": ["cap"]}, r"params\.split\.identity\.patterns\.tset"),
        ("identity.patterns", {"test": "cap"}, r"patterns\.test=cap must be a list"),
        ("identity.patterns", {"test": [1]}, "quoted words"),
        ("identity.patterns", {True: ["cap"]}, r"patterns\.True .* in quotes"),
        ("identity.patterns", None, "patterns=None must have keys"),
        ("identity.unlisted", {"tset": 0.1}, r"unlisted\.tset"),
        ("identity.unlisted", {"test": -0.1}, r"unlisted\.test=-0\.1"),
        ("identity.unlisted", {"test": 0.6, "val": 0.6}, "add up to over 1"),
        ("identity.paterns", {}, r"params\.split\.identity\.paterns"),
        ("identity", {"patterns": {}}, r"identity\.unlisted is missing"),
        ("swap.unlisted", {"test": "much"}, r"swap\.unlisted\.test=much"),
        ("swap.gap", -1, r"swap\.gap=-1"),
        ("swap.gap", True, r"swap\.gap=True"),
        ("swap.gap", 2.5, r"swap\.gap=2\.5"),
        ("swap.blocks", {"franck": {"tset": [0, 9]}}, r"blocks\.franck\.tset"),
        ("swap.blocks", {"franck": [0, 9]}, r"blocks\.franck=\[0, 9\] must have keys"),
        ("swap.blocks", {"franck": {"test": 9}}, r"franck\.test=9 must be two whole numbers"),
        ("swap.blocks", {"franck": {"test": [0]}}, "two whole numbers"),
        ("swap.blocks", {"franck": {"test": [0.5, 9]}}, "two whole numbers"),
        ("swap.blocks", {"franck": {"test": [0, None]}}, "two whole numbers"),
        ("swap.blocks", {"franck": {"test": [9, 0]}}, "the first frame"),
        ("swpa", {}, r"params\.split\.swpa"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_named(key, value, named):
    rules = given()
    part, _, name = key.partition(".")
    if name:
        rules[part][name] = value
    else:
        rules[part] = value
    with pytest.raises(UserError, match=named):
        split_rules(rules)
