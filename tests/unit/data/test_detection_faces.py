import numpy as np
import pytest
from tests.labelled_faces import labelled_rows, write_labelled_faces

from facsimile.data.detection_faces import (
    both_kinds,
    check_apart,
    check_unseen,
    labelled_faces,
    seen_names,
    shuffled_labels,
    spaced,
)
from facsimile.errors import UserError


def rows(data="a", **people):
    return labelled_rows(people or {"train": ["ann", "bob"], "test": ["cai"]}).assign(data=data)


def written(table, root, name="a"):
    (root / name).mkdir(exist_ok=True)
    table.drop(columns="data", errors="ignore").to_parquet(root / name / "identity.parquet")


def test_faces_of_several_data_sets_know_where_they_lie(tmp_path):
    write_labelled_faces(tmp_path, "a", {"train": ["ann"]})
    write_labelled_faces(tmp_path, "b", {"test": ["bob"]}, frames=1)
    found = labelled_faces(tmp_path / "faces", tmp_path / "splits", ["b", "a"])
    assert list(found["data"]) == ["b"] * 2 + ["a"] * 6
    assert all(
        (tmp_path / "faces" / row.data / row.path).samefile(row.file) for row in found.itertuples()
    )
    with pytest.raises(UserError, match="no data set is named"):
        labelled_faces(tmp_path, tmp_path, [])


@pytest.mark.parametrize("label", [None, -1, 2])
def test_unlabelled_faces_are_refused(tmp_path, label):
    table = rows().astype({"label": object})
    table.loc[[1, 4], "label"] = label
    written(table.astype({"label": float}), tmp_path)
    with pytest.raises(UserError, match="2 of 18 faces have no label"):
        labelled_faces(tmp_path, tmp_path, ["a"])


def test_a_table_without_labels_is_refused(tmp_path):
    written(rows().drop(columns="label"), tmp_path)
    with pytest.raises(UserError, match="lacks the columns label"):
        labelled_faces(tmp_path, tmp_path, ["a"])
    with pytest.raises(UserError, match="facsimile split data=b"):
        labelled_faces(tmp_path, tmp_path, ["b"])


def test_a_split_needs_both_kinds():
    table = rows()
    assert set(both_kinds(table, "train", "a")["subject"]) == {"ann", "bob"}
    with pytest.raises(UserError, match="a has no fake face in the split train"):
        both_kinds(table[table["label"] == 0], "train", "a")
    with pytest.raises(UserError, match="no real and no fake face in the split val"):
        both_kinds(table, "val", "a")


def test_few_evenly_spaced_faces_of_each_video_and_label():
    table = (
        labelled_rows({"train": ["ann"]}, frames=10).assign(data="a").sample(frac=1, random_state=0)
    )
    kept = spaced(table, 4)
    assert [list(part["frame"]) for _, part in kept.groupby("label")] == [[0, 3, 6, 9]] * 2
    assert len(spaced(table, 50)) == 20


def test_shuffled_labels_know_nothing_of_the_truth():
    table = rows(train=[f"p{n}" for n in range(20)])
    told = shuffled_labels(table, seed=3)
    truth = table["label"].to_numpy()
    assert np.corrcoef(told, truth)[0, 1] == pytest.approx(0, abs=1e-12)
    assert told.sum() == truth.sum()
    assert table.assign(told=told).groupby("clip")["told"].nunique().max() == 1
    assert np.array_equal(told, shuffled_labels(table, seed=3))
    assert not np.array_equal(told, shuffled_labels(table, seed=4))


@pytest.mark.parametrize("people", [["ann"], ["ann", "bob", "cai"]])
def test_labels_that_would_still_tell_are_refused(people):
    """Of one video a label nothing can be shuffled: rounding would call all real, or all fake."""
    table = rows(train=people)
    few = table[(table["label"] == 0) | (table["subject"] == "ann")]
    with pytest.raises(UserError, match="0 of 1 (real|fake) training videos would be called fake"):
        shuffled_labels(few, seed=1)


def test_a_few_labels_are_shuffled_in_both_kinds():
    table = rows(train=["ann", "bob"])
    told = table.assign(told=shuffled_labels(table, seed=1))
    assert (told.groupby("label")["told"].mean() == 0.5).all()


def test_splits_that_are_apart_pass():
    check_apart(rows())


def test_a_person_in_two_splits_is_named_over_all_data_sets():
    import pandas as pd

    both = pd.concat([rows(train=["ann"], test=["cai"]), rows("b", train=["bob"], test=["ann"])])
    with pytest.raises(UserError, match="leak between splits: identity ann is in test and train"):
        check_apart(both)


def test_numbered_people_are_others_in_another_data_set():
    import pandas as pd

    parts = [
        rows(data, **{split: ["person_0001"]}) for data, split in (("a", "train"), ("b", "test"))
    ]
    check_apart(pd.concat(parts))
    with pytest.raises(UserError, match="identity a/person_0001 is in test and train"):
        check_apart(pd.concat([parts[0], parts[1].assign(data="a")]))


@pytest.mark.parametrize("column", ["clip", "origin"])
def test_an_original_or_clip_in_two_splits_is_named(column):
    table = rows().assign(subject="", origin=lambda t: t["clip"])
    table.loc[table["split"] == "test", column] = "ann_0"
    with pytest.raises(UserError, match="original or clip a/ann_0 is in test and train"):
        check_apart(table)
    elsewhere = table["split"] == "test"
    check_apart(table.assign(data=np.where(elsewhere, "b", "a")))


def test_of_many_leaks_some_are_named():
    table = rows(train=[f"p{n}" for n in range(9)])
    both = table.assign(split=np.where(table["label"], "train", "val"))
    with pytest.raises(UserError, match=r"p4 is in train and val, and 4 more"):
        check_apart(both)


SWAPS = {"ann": "bob", "bob": "ann", "cai": "dan", "dan": "cai"}
SPLITS = {"train": ["ann", "bob"], "val": ["dan"], "test": ["cai"]}


def swapped(faces_of, people=SPLITS):
    return labelled_rows(people, faces_of=faces_of).assign(data="a")


def test_val_and_test_may_have_each_others_faces_and_training_nobodys():
    check_apart(swapped(SWAPS))
    with pytest.raises(UserError, match="identity cai is in test and train"):
        check_apart(swapped(SWAPS | {"ann": "cai"}))
    with pytest.raises(UserError, match="identity ann is in test and train; a fake shows two"):
        check_apart(swapped(SWAPS | {"cai": "ann"}))
    with pytest.raises(UserError, match="identity bob is in train and val"):
        check_apart(swapped(SWAPS | {"dan": "bob"}))
    with pytest.raises(UserError, match="identity eve is in test and train"):  # no body of hers
        check_apart(swapped(SWAPS | {"ann": "eve", "cai": "eve"}))


def test_a_real_person_may_be_called_as_a_fake_is():
    table = swapped({}, {"train": ["ann_on_ice"], "test": ["ice"]})
    check_apart(table[table["label"] == 0])


def test_what_a_training_saw_is_refused_whatever_the_splits_say_now():
    before = swapped(SWAPS)
    seen = seen_names(before)
    check_unseen(before[before["split"] == "test"], seen)
    assert not any("cai" in name for kind, name, _ in seen if kind == "video")
    now = before.assign(split=np.where(before["split"] == "train", "test", "train"))
    check_apart(now)
    with pytest.raises(UserError, match="identity ann is in test and train"):
        check_unseen(now[now["split"] == "test"], seen)
    unnamed = now[now["split"] == "test"].assign(subject="")
    with pytest.raises(UserError, match="original or clip a/ann_0 is in test and train"):
        check_unseen(unnamed, seen)


def test_the_people_of_a_numbered_fake_are_those_of_their_data_set():
    table = rows(train=["person_0001"]).assign(subject="person_0001_on_person_0002", label=1)
    names = {name for kind, name, _ in seen_names(table) if kind != "video"}
    assert names == {"a/person_0001", "a/person_0002"}
