import hashlib

import pandas as pd
import pytest

from facsimile.data.split_groups import Group, group_faces, kept_apart


def table(*rows):
    return pd.DataFrame(rows, columns=["subject", "clip", "origin", "official"])


def linked(*rows, official=True):
    """Sets of clips that are in one group."""
    groups = group_faces(table(*rows), official)
    return {frozenset(c for c, g in groups.items() if g is one) for one in groups.values()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ann", "a", "", ""), ("ann", "b", "", "")),
        (("", "a", "o", ""), ("", "b", "o", "")),
        (("", "fake", "real", ""), ("", "real", "", "")),
        (("ann", "a", "", ""), ("bob", "a", "", "")),
    ],
)
def test_what_shares_a_subject_an_origin_or_a_clip_is_one_group(one, other):
    assert linked(one, other) == {frozenset({one[1], other[1]})}


def test_links_go_on_through_others():
    rows = [
        ("ann", "a", "", ""),
        ("ann", "b", "", ""),
        ("", "fake", "b", ""),
        ("", "x", "fake", ""),
    ]
    assert linked(*rows, ("", "alone", "", "")) == {
        frozenset({"a", "b", "fake", "x"}),
        frozenset({"alone"}),
    }


def test_nobody_is_not_a_person_and_a_name_is_not_a_clip():
    rows = [("", "a", "", ""), ("", "b", "", ""), (None, "c", None, None), ("a", "d", "", "")]
    assert linked(*rows) == {frozenset({name}) for name in "abcd"}


def test_a_group_knows_its_people_originals_and_official_splits():
    rows = [("ann", "b", "a", "test"), ("bob", "a", "", "test"), ("", "a", "", "val")]
    assert group_faces(table(*rows))["a"] == Group(
        ("ann", "bob"), ("a",), {"test": "a", "val": "a"}
    )


def test_the_key_is_the_person_and_without_one_the_original():
    assert Group(("ann",), ("x", "y"), {}).key == "ann"
    assert Group((), ("x",), {}).key == "x"


def test_of_several_the_smallest_hash_is_the_key():
    names = ("ann", "bob", "eve")
    first = min(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert Group(names, (), {}).key == first


def test_a_number_that_selection_gave_links_but_is_no_key():
    assert linked(("person_0001", "a", "", ""), ("person_0001", "b", "", "")) == {frozenset("ab")}
    assert Group(("person_0001",), ("a",), {}).key == "a"
    assert Group(("ann", "person_0001"), ("a",), {}).key == "ann"


SAME = "person_0001"
DIVIDED = [
    (SAME, "a", "", "train"),
    (SAME, "b", "", "train"),
    (SAME, "c", "", "test"),
    (SAME, "d", "", ""),
]


def test_a_number_does_not_link_what_is_officially_divided():
    assert linked(*DIVIDED) == {frozenset("ab"), frozenset("c"), frozenset("d")}
    assert linked(*DIVIDED, official=False) == {frozenset("abcd")}
    assert linked(*DIVIDED[:2], DIVIDED[3]) == {frozenset("abd")}
    groups = group_faces(table(*DIVIDED))
    assert kept_apart(table(*DIVIDED), groups) == {SAME: ("test", "train")}


def test_numbers_do_not_link_through_each_other_what_is_officially_divided():
    chain = [(SAME, "a", "", "train"), (SAME, "b", "", "")]
    chain += [("person_0002", "b", "", ""), ("person_0002", "c", "", "test")]
    assert linked(*chain) == {frozenset("ab"), frozenset("c")}
    swapped = [(("person_0002", SAME)[who == "person_0002"], *row) for who, *row in chain]
    assert linked(*reversed(swapped)) == linked(*chain)  # whatever the numbers
    assert kept_apart(table(*chain), group_faces(table(*chain))) == {
        "person_0002": ("test", "train")
    }


def test_names_and_originals_link_what_is_officially_divided():
    for one, other in ((("ann", "a", ""), ("ann", "b", "")), (("", "a", "o"), ("", "b", "o"))):
        assert linked((*one, "train"), (*other, "test")) == {frozenset("ab")}
