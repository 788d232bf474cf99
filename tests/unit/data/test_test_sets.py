import hashlib

import cv2
import numpy as np
import pandas as pd
import pytest

from facsimile.data.held_out import Photo, degrade_once
from facsimile.data.holdings import Person, files_of, holding
from facsimile.data.test_sets import DegradedSets, Series
from facsimile.degradations.chain import Chain
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.degradations.shadow import Shadow
from facsimile.errors import UserError
from facsimile.media.image import write_image

NOISE = SaltAndPepper(0.1)
PEOPLE = {"ann": "test", "bea": "test", "cid": "test", "dan": "val", "eve": "train"}
FRAMES = 6


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    root, rng, rows = tmp_path_factory.mktemp("faces"), np.random.default_rng(0), []
    for subject, split in PEOPLE.items():
        for frame in range(FRAMES):
            image = rng.integers(60, 200, (24, 20, 1 if subject == "bea" else 3), np.uint8)
            path = f"images/{subject}/{frame}.png"
            write_image(root / path, np.ascontiguousarray(np.broadcast_to(image, (24, 20, 3))))
            rows.append((path, subject, subject, frame, split))
    columns = ["path", "subject", "clip", "frame", "split"]
    pd.DataFrame(rows, columns=columns).to_parquet(root / "identity.parquet")
    return root


def sets(**changes):
    arguments = {
        "sets": {"noise": NOISE, "clean": Chain([])},
        "series": {"shadow": Series(Shadow, "factor", [0.25, 0.5])},
        "per_subject": {"test": 2, "val": 1, "series": 3},
        "series_people": 2,
    }
    return DegradedSets(**(arguments | changes))


def made(faces, folder, **changes):
    some = sets(**changes)
    counts = list(some.write(some.photos(faces / "identity.parquet"), faces, folder))
    table = pd.read_parquet(folder / "degraded.parquet")
    assert sum(counts) == len(table)
    return table


def shown(folder, path):
    return cv2.cvtColor(cv2.imread(str(folder / path)), cv2.COLOR_BGR2RGB)


def test_pictures_are_the_one_draw_of_each_and_lossless(faces, tmp_path):
    table = made(faces, tmp_path)
    noisy = table[table.degradation == "noise"]
    assert noisy.subject.tolist() == ["ann"] * 2 + ["bea"] * 2 + ["cid"] * 2 + ["dan"]
    assert noisy.split.tolist() == ["test"] * 6 + ["val"]
    for _, row in noisy.iterrows():
        photo = Photo(row["gt"], row["subject"], shown(faces, row["gt"]))
        lq = degrade_once(photo, NOISE, "noise").lq
        assert np.array_equal(shown(tmp_path, row["path"]), lq)
        assert row["sha256"] == hashlib.sha256(lq.tobytes()).hexdigest()


def test_every_set_holds_the_same_people_and_no_training_face(faces, tmp_path):
    table = made(faces, tmp_path)
    fixed = table[table.strength.isna()]
    by_set = fixed.groupby("degradation")["gt"].apply(list)
    assert by_set["noise"] == by_set["clean"]
    assert set(fixed.subject) == {"ann", "bea", "cid", "dan"}
    assert table.path.is_unique
    assert len(list(tmp_path.rglob("*.png"))) == len(table)


def test_grey_and_colour_are_told_by_the_picture_before(faces, tmp_path):
    tones = made(faces, tmp_path).groupby("subject")["tone"].unique()
    assert {name: [*kinds] for name, kinds in tones.items()} == {
        "ann": ["colour"], "bea": ["grey"], "cid": ["colour"], "dan": ["colour"],
    }  # fmt: skip


def test_a_series_is_of_some_test_people_in_every_strength(faces, tmp_path):
    series = made(faces, tmp_path).dropna(subset="strength")
    assert set(series.split) == {"test"}
    counts = series.groupby(["subject", "strength"]).size()
    assert counts.to_dict() == {
        (who, strength): 3 for who in ("ann", "cid") for strength in (0.25, 0.5)
    }


def test_a_shadow_keeps_its_shape_while_it_darkens(faces, tmp_path):
    series = made(faces, tmp_path).dropna(subset="strength")
    for gt, rows in series.groupby("gt"):
        dark, light = (shown(tmp_path, path).astype(int) for path in rows.path)
        image = shown(faces, gt).astype(int)
        # a light of 1 - c (1 - factor): the loss is c times .75 or .5 of the image
        assert np.abs((image - dark) - 1.5 * (image - light)).max() <= 1.5
        assert (image - dark).max() > 20


def test_the_same_again_whatever_else_there_is(faces, tmp_path):
    first = made(faces, tmp_path / "a")
    second = made(faces, tmp_path / "b", sets={"clean": Chain([]), "noise": NOISE}, series={})
    merged = first.merge(second, on=["gt", "degradation", "split"])
    merged = merged[merged.strength_x.isna()]
    assert len(merged) == 14
    assert (merged.sha256_x == merged.sha256_y).all()


def test_a_person_who_withdraws_can_be_found(faces, tmp_path):
    """As in a folder of faces: their pictures and rows, and nobody else's."""
    table = made(faces, tmp_path)
    found = holding(files_of(tmp_path), Person("sample", "cid"), sure=True)
    theirs = table[table.subject == "cid"]
    assert found.whole == {*theirs.path}
    assert found.tables == {"degraded.parquet": len(theirs)}
    left = holding(files_of(tmp_path), Person("sample", "cid", clips=frozenset({"cid"})))
    assert left == found  # of a stage that was killed, whose folder nobody vouches for


def test_a_fake_that_names_nobody_goes_with_the_face_it_was_made_of(faces, tmp_path):
    table = made(faces, tmp_path)
    table.loc[table["gt"] == "images/ann/0.png", "subject"] = ""
    table.to_parquet(tmp_path / "degraded.parquet")
    ann = Person("sample", "ann", paths=frozenset({"images/ann/0.png"}))
    theirs = table[table["subject"].isin(["", "ann"])]
    assert holding(files_of(tmp_path), ann, sure=True).whole == {*theirs["path"]}


def test_says_what_is_missing(faces, tmp_path):
    with pytest.raises(UserError, match="run `facsimile split`"):
        sets().photos(tmp_path / "identity.parquet")
    rows = pd.read_parquet(faces / "identity.parquet")
    rows[rows.split != "val"].to_parquet(tmp_path / "identity.parquet")
    with pytest.raises(UserError, match="has no val images"):
        sets().photos(tmp_path / "identity.parquet")
