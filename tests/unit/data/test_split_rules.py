import numpy as np
import pandas as pd
import pytest

from facsimile.data.split_groups import Group
from facsimile.data.split_rules import IdentityRule, SwapRule, split_rules
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


def person(*subjects, **official):
    return Group(subjects, ("clip",), official)


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
    assert BY_NAME.split(person(subject)) == split


def test_unlisted_people_are_shared_out():
    names = [f"actor_{n}" for n in range(4000)]
    found = pd.Series([BY_NAME.split(person(name)) for name in names]).value_counts(normalize=True)
    assert found["test"] == pytest.approx(0.2, abs=0.02)
    assert found["val"] == pytest.approx(0.1, abs=0.02)


def test_a_name_counts_more_than_the_official_split_and_that_more_than_chance():
    assert BY_NAME.split(person("cap", train="a")) == "test"
    assert {BY_NAME.split(person(f"actor_{n}", val="a")) for n in range(50)} == {"val"}


def test_a_group_follows_the_first_rule_that_names_one_of_its_people():
    both = person("cap", "franck")
    assert BY_NAME.split(both) == "test"
    assert BY_NAME.differing(both) == {"franck": "train"}
    assert BY_NAME.differing(person("cap")) == {}


def test_contradicting_official_splits_are_named():
    with pytest.raises(UserError, match=r"of ann .*test \(clip b\) and train \(clip a\).*official"):
        BY_NAME.split(person("ann", train="a", test="b"))


def test_an_unknown_official_split_is_named():
    with pytest.raises(UserError, match="'validation' is no official split"):
        BY_NAME.split(person("ann", validation="a"))


def test_official_splits_can_be_ignored():
    rule = IdentityRule(BY_NAME.patterns, BY_NAME.unlisted, official=False)
    alone = rule.split(person("ann"))
    assert rule.split(person("ann", train="a", test="b")) == alone


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


def given(**swap):
    return {
        "identity": {"patterns": {"test": ["cap"]}, "unlisted": {"val": 0.1}},
        "swap": {"gap": 25, "unlisted": {}, "blocks": {"franck": {"test": [0, 9]}}} | swap,
    }


def test_rules_of_the_parameters():
    people, time = split_rules(given())
    assert people.split(person("cap")) == "test" and time.gap == 25
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
        ("identity.official", "yes", r"identity\.official=yes must be true or false"),
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
