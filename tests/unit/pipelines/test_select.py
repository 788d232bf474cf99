import tarfile

import cv2
import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from facsimile.data.records import FACES
from facsimile.data.selection import SELECTED
from facsimile.data.tables import read_parquet, write_parquet
from facsimile.errors import UserError
from facsimile.media.image import write_image
from facsimile.pipelines import select, split

LIMITS = {
    "min_score": 0.6,
    "min_size": 40,
    "min_sharpness": 1.0,
    "brightness": [20, 230],
    "max_yaw": 50,
    "min_difference": 3.0,
    "min_identity": 0.5,
    "same_person": 0.6,
    "best": None,
    "decisions": None,
    "sort": None,
}


class MeanColour:
    """An embedder that tells people by the colour of their faces."""

    def __call__(self, image, landmarks):
        assert landmarks.shape == (5, 2)
        colour = image.reshape(-1, 3).astype(np.float32).mean(axis=0)
        embedding = np.zeros(128, np.float32)
        embedding[:3] = colour / np.linalg.norm(colour)
        return embedding


def face(seed, channel):
    # Blocks of noise in one colour: distinct from face to face, sharp, and of one "person".
    small = np.random.default_rng(seed).integers(60, 255, (8, 8), dtype=np.uint8)
    image = np.zeros((64, 64, 3), np.uint8)
    image[..., channel] = cv2.resize(small, (64, 64), interpolation=cv2.INTER_NEAREST)
    return image


def row(clip, subject, frame, suffix="", **changes):
    numbers = dict.fromkeys(FACES.names, 0)
    return {
        **numbers,
        "path": f"images/{clip}/{frame:06d}{suffix}.png",
        "dataset": "toy",
        "clip": clip,
        "subject": subject,
        "origin": clip,
        "official": "",
        "frame": frame,
        "bbox_w": 60.0,
        "bbox_h": 60.0,
        "landmarks": [0.0] * 10,
        "crop_landmarks": [1.0] * 10,
        "score": 0.9,
        "sharpness": 50.0,
        "brightness": 60.0,
        **changes,
    }


@pytest.fixture
def faces(tmp_path):
    """Ten distinct faces each; ann's frame 3 repeats frame 2, 4 is dark, and 5 shows bob."""
    folder = tmp_path / "faces" / "toy"
    rows = []
    for channel, subject in enumerate(["ann", "bob", "eve"]):
        for frame in range(10):
            seed = 100 * channel + (2 if subject == "ann" and frame == 3 else frame)
            shown = 1 if (subject, frame) == ("ann", 5) else channel
            dark = {"brightness": 3.0} if (subject, frame) == ("ann", 4) else {}
            rows.append(row(f"clip_{subject}", subject, frame, **dark))
            write_image(folder / rows[-1]["path"], face(seed, shown))
    write_parquet(folder / "faces.parquet", rows, FACES)
    return folder


def config(tmp_path, **select_changes):
    return OmegaConf.create(
        {
            "input": None,
            "output": None,
            "data": {
                "name": "toy",
                "official": True,
                "swap_pair": select_changes.pop("swap_pair", ["ann", "bob"]),
            },
            "embedder": {"_target_": f"{__name__}.MeanColour"},
            "paths": {n: str(tmp_path / n) for n in ("data", "faces", "selected", "splits")},
            "params": {
                "select": {**LIMITS, **select_changes},
                "split": {
                    "identity": {"patterns": {"test": ["bob"]}, "unlisted": {}},
                    "swap": {"gap": 2, "unlisted": {"val": 0.2, "test": 0.3}},
                },
            },
        }
    )


def rejected(folder):
    table = pd.read_parquet(folder / "rejected.parquet")
    return {path.rpartition("/")[2]: reason for path, reason in table.values}


def test_each_face_is_kept_or_has_its_reason(faces, tmp_path):
    select.run(config(tmp_path))
    out = tmp_path / "selected" / "toy"
    kept = read_parquet(out / "selected.parquet", SELECTED.names, "select")
    assert len(kept) == 27
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


@pytest.fixture
def add(faces):
    """Adds rows of noise in a colour to the faces."""

    def add_rows(rows, channel):
        table = read_parquet(faces / "faces.parquet", FACES.names, "extract")
        for seed, new in enumerate(rows, 900 + 50 * channel):
            write_image(faces / new["path"], face(seed, channel))
        write_parquet(faces / "faces.parquet", pd.concat([table, pd.DataFrame(rows)]), FACES)

    return add_rows


def test_whoever_stands_beside_the_subject_is_another_person(faces, tmp_path, add):
    beside = [row("clip_ann", "ann", frame, "-1", face=1, track=1) for frame in (0, 1, 2)]
    add(beside, channel=2)
    select.run(config(tmp_path))
    reasons = rejected(tmp_path / "selected" / "toy")
    told = [reasons[f"00000{frame}-1.png"] for frame in (0, 1, 2)]
    assert all(reason.startswith("another person: cosine 0.0") for reason in told)
    assert len(reasons) == 6


def test_whom_the_data_set_does_not_name_gets_a_number(faces, tmp_path, add):
    videos = [row("part/x", "", frame, track=3) for frame in range(4)]
    videos += [row("part/y", "", frame, track=0) for frame in range(2)]
    add(videos, channel=2)
    add([row("part/x", "", frame, "-1", face=1, track=4) for frame in range(3)], channel=1)
    select.run(config(tmp_path, swap_pair=[]))
    kept = pd.read_parquet(tmp_path / "selected" / "toy" / "selected.parquet")
    unnamed = kept[kept["clip"].str.startswith("part")]
    shown = unnamed.groupby("subject").apply(
        lambda g: sorted(set(zip(g["clip"], g.track, strict=True)))
    )
    assert shown.to_dict() == {
        "person_0001": [("part/x", 3), ("part/y", 0)],
        "person_0002": [("part/x", 4)],
    }
    assert (unnamed.identity > 0.9).all()


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


def test_the_best_of_each_person(faces, tmp_path):
    select.run(config(tmp_path, best=4))
    out = tmp_path / "selected" / "toy"
    kept = pd.read_parquet(out / "selected.parquet")
    assert kept.groupby("subject").size().to_dict() == {"ann": 4, "bob": 4, "eve": 4}
    reasons = pd.read_parquet(out / "rejected.parquet").reason
    assert (reasons == "not among the best 4 of bob").sum() == 6


def test_what_is_kept_by_hand_is_among_the_best(faces, tmp_path):
    table = tmp_path / "decisions.csv"
    by_hand = [f"images/clip_bob/00000{frame}.png" for frame in range(7)]
    table.write_text("\n".join(["path,decision", *(f"{path},keep" for path in by_hand)]))
    select.run(config(tmp_path, best=4, decisions=str(table)))
    kept = pd.read_parquet(tmp_path / "selected" / "toy" / "selected.parquet")
    assert list(kept.path[kept.subject == "bob"]) == by_hand


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


@pytest.mark.parametrize("stage", [select, split])
def test_input_alone_does_not_replace_what_belongs_to_the_data_set(faces, tmp_path, stage):
    cfg = config(tmp_path)
    cfg.input = str(faces)
    with pytest.raises(UserError, match="output=DIR"):
        stage.run(cfg)
    assert not (tmp_path / "selected").exists() and not (tmp_path / "splits").exists()


@pytest.mark.parametrize("stage", [select, split])
def test_only_an_earlier_output_is_replaced(faces, tmp_path, stage):
    select.run(config(tmp_path))
    cfg = config(tmp_path)
    cfg.output = str(tmp_path / "out")
    for _ in range(2):
        stage.run(cfg)
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="thesis"):
        stage.run(cfg)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def test_a_misspelt_split_is_told_before_anything_is_read(tmp_path):
    cfg = config(tmp_path)
    cfg.params.split.identity.patterns = {"tset": ["bob"]}
    with pytest.raises(UserError, match=r"patterns\.tset"):
        split.run(cfg)


def test_split_follows(faces, tmp_path):
    cfg = config(tmp_path)
    select.run(cfg)
    split.run(cfg)
    out = tmp_path / "splits" / "toy"
    identity = pd.read_parquet(out / "identity.parquet")
    assert identity.groupby("subject").split.unique().map(list).to_dict() == {
        "ann": ["train"],
        "bob": ["test"],
        "eve": ["train"],
    }
    assert all((faces / path).is_file() for path in identity.path)
    swap = pd.read_parquet(out / "swap.parquet")
    assert all((tmp_path / "selected" / "toy" / path).is_file() for path in swap.path)
    assert set(swap.subject) == {"ann", "bob"}
    bob = swap[swap.subject == "bob"].set_index("frame").split
    assert bob.to_dict() == {
        **dict.fromkeys(range(4), "train"),
        5: "val",
        **dict.fromkeys(range(7, 10), "test"),
    }
