from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facsimile.data.selection import (
    THUMBNAIL,
    Thresholds,
    distinct,
    identity_cosines,
    quality_reasons,
    thumbnail,
)

THRESHOLDS = Thresholds(0.6, 40.0, 15.0, (40.0, 215.0), 50.0, 3.0, 0.35)
GOOD = {
    "score": 0.9,
    "bbox_w": 80.0,
    "bbox_h": 90.0,
    "sharpness": 60.0,
    "brightness": 120.0,
    "yaw": 5.0,
}


def test_a_good_face_has_no_reason():
    assert list(quality_reasons(pd.DataFrame([GOOD]), THRESHOLDS)) == [""]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"score": 0.5}, "score 0.50"),
        ({"bbox_h": 30.0}, "size 30.00"),
        ({"sharpness": 3.0}, "sharpness 3.00"),
        ({"brightness": 20.0}, "brightness 20.00"),
        ({"brightness": 240.0}, "brightness 240.00"),
        ({"yaw": -60.0}, "yaw -60.00"),
        ({"score": 0.5, "yaw": 60.0}, "score 0.50"),
    ],
)
def test_each_failing_gives_its_reason(change, reason):
    faces = pd.DataFrame([GOOD, {**GOOD, **change}], index=[7, 3])
    reasons = quality_reasons(faces, THRESHOLDS)
    assert reasons[7] == ""
    assert reasons[3].startswith(reason)


def test_the_limits_themselves_are_kept():
    edge = {**GOOD, "score": 0.6, "bbox_w": 40.0, "sharpness": 15.0, "brightness": 215.0}
    assert list(quality_reasons(pd.DataFrame([{**edge, "yaw": -50.0}]), THRESHOLDS)) == [""]


def test_an_empty_manifest_is_fine():
    empty = pd.DataFrame({key: pd.Series(dtype=float) for key in GOOD})
    assert quality_reasons(empty, THRESHOLDS).empty


def test_no_two_kept_faces_are_near():
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 1, (200, THUMBNAIL, THUMBNAIL)).cumsum(axis=0)
    faces = np.clip(128 + steps, 0, 255).astype(np.uint8)
    kept = faces[distinct(faces, 4.0)].astype(float)
    apart = np.abs(kept[:, None] - kept[None]).mean(axis=(2, 3))
    assert 2 < len(kept) < 200
    assert apart[~np.eye(len(kept), dtype=bool)].min() >= 4.0


def test_every_dropped_face_is_near_to_a_kept_one():
    rng = np.random.default_rng(4)
    steps = rng.normal(0, 1, (100, THUMBNAIL, THUMBNAIL)).cumsum(axis=0)
    faces = np.clip(128 + steps, 0, 255).astype(np.uint8)
    chosen = distinct(faces, 4.0)
    kept, dropped = faces[chosen].astype(float), faces[~chosen].astype(float)
    assert len(dropped)
    assert np.abs(dropped[:, None] - kept[None]).mean(axis=(2, 3)).min(axis=1).max() < 4.0


def test_zero_difference_keeps_everything():
    faces = np.zeros((3, THUMBNAIL, THUMBNAIL), np.uint8)
    assert distinct(faces, replace(THRESHOLDS, min_difference=0.0).min_difference).all()


def test_thumbnail_of_a_flat_image():
    flat = np.full((112, 92, 3), 77, np.uint8)
    assert (thumbnail(flat) == 77).all()
    assert thumbnail(flat).shape == (THUMBNAIL, THUMBNAIL)


def test_a_stranger_is_far_from_the_mean():
    rng = np.random.default_rng(5)
    directions = np.eye(128)[:2]
    around = np.repeat(directions, 20, axis=0) + rng.normal(0, 0.01, (40, 128))
    around[0] = directions[1]  # the second person among the first one's faces
    unit = around / np.linalg.norm(around, axis=1, keepdims=True)
    cosines = identity_cosines(unit, ["a"] * 20 + ["b"] * 20)
    assert cosines[0] < 0.2
    assert cosines[1:].min() > 0.9
