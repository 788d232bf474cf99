import tarfile

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.toy_faces import add, config, rejected, row, write_faces

from facsimile.data.forget import withdraw
from facsimile.data.records import FACES
from facsimile.data.selection import SELECTED
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.errors import UserError
from facsimile.faces.embedded_by import EMBEDDER
from facsimile.pipelines import select


@pytest.fixture
def faces(tmp_path):
    return write_faces(tmp_path / "faces" / "toy")


def test_each_face_is_kept_or_has_its_reason(faces, tmp_path):
    select.run(config(tmp_path))
    out = tmp_path / "selected" / "toy"
    kept = read_parquet(out / "selected.parquet", SELECTED.names, "select")
    assert len(kept) == 27
    stated = pq.read_schema(out / "selected.parquet").metadata
    assert stated == {EMBEDDER.encode(): b"tests.toy_faces.MeanColour"}
    reasons = rejected(out)
    assert set(reasons) == {"000003.png", "000004.png", "000005.png"}
    assert "near-duplicate" in reasons["000003.png"]
    assert "brightness 3.00" in reasons["000004.png"]
    assert "identity" in reasons["000005.png"]


def test_sides_are_laid_out_byte_by_byte(faces, tmp_path):
    select.run(config(tmp_path))
    out = tmp_path / "selected" / "toy"
    names = [path.name for path in sorted((out / "data_src").iterdir())]
    assert names == [f"clip_ann_{frame:06d}.png" for frame in (0, 1, 2, 6, 7, 8, 9)]
    assert len(list((out / "data_dst").iterdir())) == 10
    copied = (out / "data_dst" / "clip_bob_000007.png").read_bytes()
    assert copied == (faces / "images/clip_bob/000007.png").read_bytes()
    kept = pd.read_parquet(out / "selected.parquet")
    assert kept.groupby("subject").side.unique().map(list).to_dict() == {
        "ann": ["src"],
        "bob": ["dst"],
        "eve": [""],
    }


def test_twice_gives_the_same_bytes(faces, tmp_path):
    tables = []
    for name in ("one", "two"):
        cfg = config(tmp_path)
        cfg.output = str(tmp_path / name)
        select.run(cfg)
        made = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        tables.append([path.read_bytes() for path in made])
    assert tables[0] == tables[1]
    assert len(tables[0]) == 20
    assert not (tmp_path / "selected").exists()


def test_a_threshold_that_nobody_reaches_leaves_empty_tables(faces, tmp_path):
    select.run(config(tmp_path, min_score=0.95))
    out = tmp_path / "selected" / "toy"
    assert read_parquet(out / "selected.parquet", SELECTED.names, "select").empty
    assert len(pd.read_parquet(out / "rejected.parquet")) == 30


def test_a_pair_that_nobody_shows_is_named(faces, tmp_path):
    with pytest.raises(UserError, match=r"names zoe.*ann, bob, eve"):
        select.run(config(tmp_path, swap_pair=["ann", "zoe"]))


def test_without_a_pair_nothing_is_laid_out(faces, tmp_path):
    select.run(config(tmp_path, swap_pair=[]))
    names = {path.name for path in (tmp_path / "selected" / "toy").iterdir()}
    assert names == {"selected.parquet", "rejected.parquet", "contact_sheet.jpg"}


def test_decisions_win_both_ways(faces, tmp_path):
    table = tmp_path / "decisions.csv"
    kept_by_hand = [f"images/clip_ann/00000{frame}.png" for frame in (3, 4, 5)]
    lines = [f"{path},keep" for path in kept_by_hand] + ["images/clip_bob/000002.png,drop"]
    table.write_text("\n".join(["path,decision", *lines]))
    select.run(config(tmp_path, decisions=str(table)))
    out = tmp_path / "selected" / "toy"
    assert rejected(out) == {"000002.png": "by hand"}
    assert set(kept_by_hand) < set(pd.read_parquet(out / "selected.parquet").path)


def test_a_decision_over_no_face_is_told_before_any_work(faces, tmp_path):
    table = tmp_path / "decisions.csv"
    table.write_text("path,decision\nimages/clip_zoe/000001.png,keep\n")
    with pytest.raises(UserError, match=r"line 2.*clip_zoe"):
        select.run(config(tmp_path, decisions=str(table)))


@pytest.mark.parametrize(("sort", "rises"), [("frame", True), ("-identity", False)])
def test_the_rows_come_in_the_order_asked_for(faces, tmp_path, sort, rises):
    select.run(config(tmp_path, sort=sort))
    kept = pd.read_parquet(tmp_path / "selected" / "toy" / "selected.parquet")
    values = kept[sort.removeprefix("-")]
    assert values.is_monotonic_increasing if rises else values.is_monotonic_decreasing


def test_an_order_by_no_column_is_told(faces, tmp_path):
    with pytest.raises(UserError, match=r"sort=beauty: give one of.*sharpness"):
        select.run(config(tmp_path, sort="beauty"))


def test_faces_in_a_tar_are_laid_out_as_pictures(faces, tmp_path):
    table = read_parquet(faces / "faces.parquet", FACES.names, "extract")
    (faces / "shards").mkdir()
    with tarfile.open(faces / "shards/a.tar", "w") as tar:
        for path in table.path:
            tar.add(faces / path, path)
    write_parquet(faces / "faces.parquet", table.assign(path="shards/a.tar/" + table.path), FACES)
    select.run(config(tmp_path))
    copied = tmp_path / "selected/toy/data_dst/clip_bob_000007.png"
    assert copied.read_bytes() == (faces / "images/clip_bob/000007.png").read_bytes()


def test_brightness_the_wrong_way_round_is_told(faces, tmp_path):
    with pytest.raises(UserError, match="lowest first"):
        select.run(config(tmp_path, brightness=[200, 20]))


def test_without_faces_the_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"faces\.parquet"):
        select.run(config(tmp_path))


def test_a_path_of_decisions_starts_at_the_project(faces, tmp_path, monkeypatch):
    (tmp_path / "by_hand.csv").write_text("path,decision\nimages/clip_bob/000002.png,drop\n")
    monkeypatch.chdir(faces)
    select.run(config(tmp_path, decisions="by_hand.csv"))
    assert rejected(tmp_path / "selected" / "toy")["000002.png"] == "by hand"


def test_rows_are_those_of_the_faces_whatever_their_order(faces, tmp_path):
    table = read_parquet(faces / "faces.parquet", FACES.names, "extract")
    numbers = np.arange(len(table))
    points = [np.full(10, number, np.float32) for number in numbers]
    mixed = table.assign(width=numbers, landmarks=points).sample(frac=1, random_state=3)
    write_parquet(faces / "faces.parquet", mixed, FACES)
    select.run(config(tmp_path))
    kept = pd.read_parquet(tmp_path / "selected/toy/selected.parquet")
    assert list(kept.path) == sorted(kept.path)
    given = table.assign(number=numbers).set_index("path").number[kept.path]
    assert list(kept.width) == list(given) == [int(points[0]) for points in kept.landmarks]
    assert [len(one) for one in kept.embedding] == [128] * 27


def test_who_withdrew_does_not_come_back_with_older_faces(faces, tmp_path):
    """Nor do the fakes that `forget` erases; a fake of theirs that shows Eve stays."""
    fakes = [row("fake", "", frame, origin="clip_ann", label=1) for frame in range(3)]
    add(faces, fakes, channel=2)
    named = [row("swap", "eve", frame, origin="clip_ann", label=1) for frame in range(2)]
    add(faces, [{**one, "frame": 50 + one["frame"]} for one in named], channel=2)
    withdraw(tmp_path / "data", "toy", "ann", [])
    select.run(config(tmp_path, swap_pair=["bob"], min_difference=0.0))
    out = tmp_path / "selected" / "toy"
    left = pd.concat([pd.read_parquet(out / f"{n}.parquet") for n in ("selected", "rejected")])
    clips = {path.split("/")[1] for path in left.path}
    assert clips == {"clip_bob", "clip_eve", "swap"}


def test_fakes_are_marked_on_the_contact_sheet(faces, tmp_path):
    sheets = []
    for label in (0, 1):
        table = read_parquet(faces / "faces.parquet", FACES.names, "extract")
        write_parquet(faces / "faces.parquet", table.assign(label=label), FACES)
        select.run(config(tmp_path))
        sheets.append(cv2.imread(str(tmp_path / "selected/toy/contact_sheet.jpg")).astype(int))
    changed = np.abs(sheets[0] - sheets[1]).max(axis=2) > 60
    # every tile has its word, kept and dropped ones
    assert changed.any(axis=1).reshape(-1).sum() >= 6 * 4
    assert changed[:, :80].any() and sheets[0].shape == sheets[1].shape
