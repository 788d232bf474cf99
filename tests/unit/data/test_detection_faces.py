import numpy as np
import pytest
from tests.labelled_faces import labelled_rows, write_labelled_faces

from facsimile.data.detection_faces import (
    both_kinds,
    check_apart,
    labelled_faces,
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
