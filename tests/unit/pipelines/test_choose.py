import numpy as np
import pandas as pd
import pytest
from tests.toy_faces import MeanColour, add, row, write_faces

from facsimile.data.records import FACES
from facsimile.data.selection import Thresholds
from facsimile.data.tables import read_parquet
from facsimile.pipelines.choose import Rules, choose

THRESHOLDS = Thresholds(0.6, 40.0, 1.0, [20.0, 230.0], 50.0, 3.0, 0.5)
CLEAN = {"000003.png", "000004.png", "000005.png"}  # of ann, what the rules drop


@pytest.fixture
def folder(tmp_path):
    return write_faces(tmp_path / "faces")


def chosen(folder, embedder=MeanColour, **rules):
    table = read_parquet(folder / "faces.parquet", FACES.names, "extract")
    return choose(table, folder, Rules(THRESHOLDS, 0.6, **rules), embedder)


def reasons(choice):
    names = choice.rejected.path.str.rpartition("/")[2]
    return dict(zip(names, choice.rejected.reason, strict=True))


def test_all_faces_are_kept_or_have_their_reason(folder):
    choice = chosen(folder)
    assert len(choice.kept) == 27
    assert set(reasons(choice)) == CLEAN
    everything = sorted([*choice.kept.path, *choice.rejected.path])
    assert everything == sorted(pd.read_parquet(folder / "faces.parquet").path)


def test_each_kept_face_has_its_own_embedding(folder):
    choice = chosen(folder)
    colours = choice.embeddings[choice.kept.place].argmax(axis=1)
    assert list(choice.kept.subject) == [["ann", "bob", "eve"][colour] for colour in colours]


def test_only_what_the_other_rules_kept_is_embedded(folder):
    seen = []

    class Counting(MeanColour):
        def __call__(self, image, landmarks):
            seen.append(image)
            return super().__call__(image, landmarks)

    chosen(folder, Counting)
    assert len(seen) == 28  # without the dark face and the repeated one


def test_faces_of_another_clip_are_no_duplicates(folder):
    again = [row("clip_new", "ann", frame) for frame in range(3)]
    table = pd.read_parquet(folder / "faces.parquet")
    copies = table.path[table["clip"] == "clip_ann"].head(3)
    add(folder, again, channel=0)
    for copy, new in zip(copies, again, strict=True):
        (folder / new["path"]).write_bytes((folder / copy).read_bytes())
    assert {one["path"] for one in again} < set(chosen(folder).kept.path)


def test_whoever_stands_beside_the_subject_is_another_person(folder):
    beside = [row("clip_ann", "ann", frame, "-1", face=1, track=1) for frame in (0, 1, 2)]
    add(folder, beside, channel=2)
    told = reasons(chosen(folder))
    others = [told[f"00000{frame}-1.png"] for frame in (0, 1, 2)]
    assert all(reason.startswith("another person: cosine 0.0") for reason in others)
    assert len(told) == 6


def test_whom_the_data_set_does_not_name_gets_a_number(folder):
    videos = [row("part/x", "", frame, track=3) for frame in range(4)]
    videos += [row("part/y", "", frame, track=0) for frame in range(2)]
    add(folder, videos, channel=2)
    add(folder, [row("part/x", "", f, "-1", face=1, track=4) for f in range(3)], channel=1)
    kept = chosen(folder).kept
    unnamed = kept[kept["clip"].str.startswith("part")]
    shown = {
        subject: sorted(set(zip(group["clip"], group.track, strict=True)))
        for subject, group in unnamed.groupby("subject")
    }
    assert shown == {
        "person_0001": [("part/x", 3), ("part/y", 0)],
        "person_0002": [("part/x", 4)],
    }
    assert (unnamed.identity > 0.9).all()


def test_decisions_win_over_every_rule(folder):
    kept = {f"images/clip_ann/00000{frame}.png": "keep" for frame in (3, 4, 5)}
    choice = chosen(folder, decisions={**kept, "images/clip_bob/000002.png": "drop"})
    assert reasons(choice) == {"000002.png": "by hand"}
    assert set(kept) < set(choice.kept.path)


def test_the_best_of_each_person(folder):
    choice = chosen(folder, best=4)
    assert choice.kept.groupby("subject").size().to_dict() == {"ann": 4, "bob": 4, "eve": 4}
    assert (choice.rejected.reason == "not among the best 4 of bob").sum() == 6


def test_what_is_kept_by_hand_is_among_the_best(folder):
    by_hand = [f"images/clip_bob/00000{frame}.png" for frame in range(7)]
    kept = chosen(folder, best=4, decisions=dict.fromkeys(by_hand, "keep")).kept
    assert list(kept.path[kept.subject == "bob"]) == by_hand


def test_the_best_are_picked_by_their_own_looks(folder):
    """The faces that other rules drop, before them in the table, shift nothing."""
    alone = chosen(folder, best=3).kept.path
    dropped = [f"images/clip_ann/00000{frame}.png" for frame in (0, 1)]
    fewer = chosen(folder, best=3, decisions=dict.fromkeys(dropped, "drop")).kept.path
    others = [[path for path in kept if "clip_ann" not in path] for kept in (alone, fewer)]
    assert others[0] == others[1]


def test_no_faces_at_all(folder):
    table = read_parquet(folder / "faces.parquet", FACES.names, "extract").head(0)
    choice = choose(table, folder, Rules(THRESHOLDS, 0.6, 3), MeanColour)
    assert choice.kept.empty and choice.rejected.empty
    assert choice.embeddings.shape == (0, 128) and np.isfinite(choice.embeddings).all()
