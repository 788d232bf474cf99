import numpy as np
import pandas as pd
import pytest

from facsimile.data.split_groups import group_faces
from facsimile.data.split_rules import IdentityRule, SwapRule
from facsimile.data.splits import (
    IDENTITY,
    SWAP,
    apart_officially,
    block_notes,
    check_leaks,
    notes,
    split_identities,
    split_swap,
    summary,
)
from facsimile.errors import UserError

BY_NAME = IdentityRule({"test": ["cap"], "train": ["franck"]}, {"val": 0.1, "test": 0.2})
BLOCKS = SwapRule(
    10,
    {"val": 0.1, "test": 0.2},
    {"a": {"val": [60, 80], "test": [85, 100]}, "t": {"test": [0, 9]}},
)
NO_SWAP = pd.DataFrame(columns=SWAP.names)


def faces(clip, frames, subject="x", origin="", label=0, official=""):
    return pd.DataFrame(
        {
            "path": [f"{clip}/{frame}" for frame in frames],
            "subject": subject,
            "clip": clip,
            "frame": list(frames),
            "origin": origin,
            "official": official,
            "label": label,
            "crop_landmarks": [[0.0] * 10 for _ in frames],
            "yaw": 0.0,
        }
    )


def generated(seed, originals=700, people=400):
    """Thousands of faces: originals of named, unnamed and several people, each with its fakes."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(originals):
        who = f"p{rng.integers(people)}" if rng.random() < 0.6 else ""
        rows.append((f"o{number}", who, "", 0))
        rows += [(f"o{number}_f{k}", "", f"o{number}", 1) for k in range(rng.poisson(2))]
    lone = [(f"g{k}", "", "", 1) for k in range(originals // 3)]  # wholly synthetic, no original
    table = pd.DataFrame(rows + lone, columns=["clip", "subject", "origin", "label"])
    table = table.loc[table.index.repeat(3)].reset_index(drop=True)
    path = table["clip"] + "/" + table.index.astype(str)
    return table.assign(path=path, frame=table.index, official="")


@pytest.mark.parametrize("seed", range(3))
def test_generated_tables_never_leak_and_hold_the_shares_of_each_label(seed):
    table = generated(seed)
    identity = split_identities(table, BY_NAME)
    check_leaks(identity, NO_SWAP, 0)
    shares = identity.groupby("label").split.value_counts(normalize=True)
    for label in (0, 1):
        assert shares[label, "test"] == pytest.approx(0.2, abs=0.06)
        assert shares[label, "val"] == pytest.approx(0.1, abs=0.05)
    by_kind = strata(table, identity)
    for _, splits in by_kind.groupby("kind").split:
        bound = 4 * (0.2 * 0.8 / len(splits)) ** 0.5  # four standard errors of a share
        assert (splits == "test").mean() == pytest.approx(0.2, abs=bound)


def strata(table, identity):
    """One row a group: of real faces, of fakes or of both, and its split."""
    keys = {clip: group.key for clip, group in group_faces(table).items()}
    found = identity.assign(key=identity["clip"].map(keys)).groupby("key")
    kind = found.label.min().astype(str) + found.label.max().astype(str)
    return pd.DataFrame({"kind": kind, "split": found.split.first()})


@pytest.mark.parametrize("seed", range(3))
def test_files_that_are_added_move_no_group_that_was_there(seed):
    table = generated(seed)
    before = split_identities(table, BY_NAME).set_index("path").split
    new_groups = generated(seed + 100)
    for column in ("clip", "path", "subject", "origin"):
        new_groups[column] = new_groups[column].map(lambda name: name and f"new_{name}")
    members = [faces(f"late{k}", range(2), "", f"o{k}", 1) for k in range(50)]
    members += [faces(f"again{k}", range(2), f"p{k}") for k in range(50)]
    more = pd.concat([new_groups, *members, table]).sample(frac=1, random_state=seed)
    after = split_identities(more, BY_NAME).set_index("path").split
    pd.testing.assert_series_equal(after[before.index], before)


def test_a_link_between_groups_moves_only_those_and_is_told():
    table = generated(0)
    before = split_identities(table, BY_NAME).set_index("path")
    named = before[before.subject != ""]
    one, other = (named[named.split == s].iloc[0] for s in ("train", "test"))
    link = faces("link", range(2), one.subject, other.origin or other["clip"], 1)
    more = pd.concat([table, link])
    identity = split_identities(more, BY_NAME)
    check_leaks(identity, NO_SWAP, 0)
    after = identity.set_index("path").split[before.index]
    moved = set(before[after != before.split]["clip"])
    groups = group_faces(table)
    expected = [{c for c, g in groups.items() if g is groups[row["clip"]]} for row in (one, other)]
    assert moved in expected
    assert any(note.startswith("moved by links") for note in notes(more, identity, BY_NAME))


def test_names_count_before_official_splits_and_those_before_chance():
    table = pd.concat(
        [faces("a", range(2), "cap", official="train")]
        + [faces(f"c{n}", range(2), "", official="val") for n in range(20)]
    )
    found = split_identities(table, BY_NAME).groupby("clip").split.first()
    assert found.pop("a") == "test" and set(found) == {"val"}


def test_a_fake_and_its_original_of_other_official_splits_are_named():
    table = pd.concat(
        [faces("real", [0], "", official="train"), faces("fake", [0], "", "real", 1, "test")]
    )
    with pytest.raises(UserError, match=r"real .*test \(clip fake\) and train \(clip real\)"):
        split_identities(table, BY_NAME)
    ignoring = IdentityRule({}, BY_NAME.unlisted, official=False)
    assert split_identities(table, ignoring).split.nunique() == 1


def test_a_numbered_person_in_two_official_splits_is_told_and_no_leak():
    table = pd.concat(
        [faces("a", range(3), "person_0007", official="train")]
        + [faces("b", range(2), "person_0007", official="test")]
    )
    identity = split_identities(table, BY_NAME)
    assert identity.groupby("clip").split.first().to_dict() == {"a": "train", "b": "test"}
    apart = apart_officially(table, BY_NAME)
    check_leaks(identity, NO_SWAP, 0, apart)
    told = "5 faces called person_0007 are in official test and train; "
    assert f"{told}the data set's own split is kept" in notes(table, identity, BY_NAME)
    with pytest.raises(UserError, match="subject person_0007 is in test and train"):
        check_leaks(identity, NO_SWAP, 0)


def test_a_numbered_person_is_in_one_split_where_official_ones_do_not_count():
    table = pd.concat(
        [faces(f"c{n}", [0], "person_0007", official=("train", "test")[n % 2]) for n in range(20)]
    )
    rule = IdentityRule({}, BY_NAME.unlisted, official=False)
    identity = split_identities(table, rule)
    assert identity.split.nunique() == 1 and apart_officially(table, rule) == {}
    assert not any("own split" in note for note in notes(table, identity, rule))


def test_many_numbered_people_in_two_official_splits_are_counted():
    table = pd.concat(
        faces(f"{split}{n}", [0], f"person_{n:04d}", official=split)
        for n in range(23)
        for split in ("train", "test")
    )
    told = notes(table, split_identities(table, BY_NAME), BY_NAME)
    assert sum("faces called" in note for note in told) == 20
    assert "3 more of such people are in several official splits" in told


def test_the_columns_are_those_of_the_schema():
    identity = split_identities(faces("a", range(3), "cap", "o", 1), BY_NAME)
    assert list(identity.columns) == IDENTITY.names
    assert set(identity.origin) == {"o"} and set(identity.label) == {1}


def test_nothing_gives_an_empty_table():
    empty = split_identities(faces("a", []), BY_NAME)
    assert empty.empty and notes(faces("a", []), empty, BY_NAME) == []


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


@pytest.mark.parametrize(("column", "name"), [("clip", "b"), ("origin", "real")])
def test_a_clip_or_an_original_in_two_splits_is_named(column, name):
    identity, swap = tables()
    identity = identity.assign(subject="", **{"clip": ["a", "b", "c"], column: name})
    identity.loc[1, "split"] = "train"
    with pytest.raises(UserError, match=f"clip or original {name} is in test and train"):
        check_leaks(identity, swap, 10)


def test_an_original_apart_from_its_fake_is_named():
    real, fake = faces("real", [0], ""), faces("fake", [0], "", "real", 1)
    identity = pd.concat([real.assign(split="train"), fake.assign(split="val")])
    with pytest.raises(UserError, match="clip or original real is in train and val"):
        check_leaks(identity[IDENTITY.names], NO_SWAP, 10)


def test_two_faces_of_one_frame_in_two_splits_are_named_whatever_the_gap():
    rows = faces("a", [7, 7, 9]).assign(path=["1", "2", "3"], split=["train", "test", "test"])
    with pytest.raises(UserError, match=r"frames 7 \(train\) and 7 \(test\) of a"):
        check_leaks(pd.DataFrame(columns=IDENTITY.names), rows, 0)


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
        "identity": {"test": {"faces": 3, "fakes": 0, "subjects": 1}},
        "swap": {"x": {"test": 15, "train": 51, "val": 16}},
    }


def test_a_split_without_one_of_the_labels_is_told():
    table = pd.concat([faces("a", [0], "cap"), faces("b", [0], "franck", label=1)])
    told = notes(table, split_identities(table, BY_NAME), BY_NAME)
    assert told == [
        "val has no real face",
        "val has no fake face",
        "test has no fake face",
    ]


def test_a_group_of_most_faces_is_told():
    table = pd.concat([faces("a", range(9), "cap"), faces("b", [0], "franck")])
    told = notes(table, split_identities(table, BY_NAME), BY_NAME)
    assert "9 of 10 faces are linked with a: one group" in told


def told_of(clips, blocks):
    rule = SwapRule(10, {}, {name: {"test": [0, 9]} for name in blocks})
    pair = pd.concat([faces(clip, [0, 1]) for clip in clips]) if clips else NO_SWAP
    return block_notes(pair, rule)


def test_a_misspelt_clip_of_the_blocks_is_told_with_what_was_meant():
    [note] = told_of(["franck", "cap12"], ["frank", "cap12"])
    assert "blocks names frank (did you mean franck?), of which the pair has no clip" in note
    assert note.endswith("with their last frames held out, are franck")


def test_clips_that_no_block_names_are_told_beside_those_of_another_data_set():
    [note] = told_of(["ann", "zoe"], ["franck", "cap12"])
    assert "names cap12, franck, of which" in note and note.endswith("are ann, zoe")


@pytest.mark.parametrize(
    ("clips", "blocks"),
    [
        (["franck"], ["franck", "cap12"]),  # the other is another data set's, or not selected
        (["franck", "zoe"], ["franck"]),  # a clip may be without a block
        (["franck", "zoe"], []),
        ([], ["franck"]),  # a data set without a pair
    ],
)
def test_blocks_that_serve_are_nothing_to_tell_of(clips, blocks):
    assert told_of(clips, blocks) == []


def test_of_many_names_the_first_are_told():
    [note] = told_of(["zoe"], [f"clip{n:03d}" for n in range(50)])
    assert "clip019 and 30 more, of which" in note and "clip020" not in note
