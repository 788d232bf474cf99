from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from facsimile.data.selection import (
    _CHECKED,
    Thresholds,
    quality_reasons,
    reason_kind,
    side_path,
)

THRESHOLDS = Thresholds(0.6, 40.0, 15.0, (40.0, 215.0), 50.0, 3.0, 0.35)
GOOD = {
    "score": 0.9,
    "bbox_w": 80.0,
    "bbox_h": 90.0,
    "sharpness": 60.0,
    "brightness": 120.0,
    "yaw": 5.0,
    "pitch": 0.0,
    "roll": 3.0,
    "misfit": 0.01,
    "eye_distance": 40.0,
    "blur": 0.4,
    "motion_blur": 0.2,
    "blockiness": 0.1,
    "contrast": 40.0,
    "clipping": 0.0,
    "evenness": 0.8,
    "asymmetry": 0.4,
    "mouth_opening": 0.1,
    "eye_opening": 0.3,
    "gaze": 0.1,
}
NEW = Thresholds(
    **vars(THRESHOLDS)
    | {
        "max_blur": 0.65,
        "max_motion_blur": 0.7,
        "max_blockiness": 0.3,
        "min_contrast": 12.0,
        "max_clipping": 0.3,
        "min_evenness": 0.35,
        "max_asymmetry": 0.8,
        "max_pitch": 40.0,
        "max_roll": 60.0,
        "max_misfit": 0.1,
        "min_eye_distance": 15.0,
        "mouth_opening": [0.0, 1.5],
        "eye_opening": [0.1, 1.0],
        "max_gaze": 0.9,
    }
)


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


@pytest.mark.parametrize(
    ("quality", "value"),
    [
        ("blur", 0.7),
        ("motion_blur", 0.8),
        ("blockiness", 0.4),
        ("contrast", 5.0),
        ("clipping", 0.5),
        ("evenness", 0.2),
        ("asymmetry", 0.9),
        ("pitch", -50.0),
        ("roll", -70.0),
        ("misfit", 0.2),
        ("eye_distance", 9.0),
        ("mouth_opening", 2.0),
        ("eye_opening", 0.05),
        ("gaze", -0.95),
    ],
)
def test_what_is_not_limited_or_not_measured_drops_nothing(quality, value):
    faces = pd.DataFrame([GOOD, {**GOOD, quality: value}, {**GOOD, quality: np.nan}])
    assert list(quality_reasons(faces, THRESHOLDS)) == ["", "", ""]
    assert list(quality_reasons(faces, NEW)) == [
        "",
        f"{quality} {value:.2f} is outside the limits",
        "",
    ]


def test_every_limit_is_looked_at():
    limits = {field.name for field in fields(Thresholds)}
    assert limits - set(_CHECKED) == {"min_difference", "min_identity"}


@pytest.mark.parametrize("quality", ["score", "bbox_w", "sharpness", "brightness", "yaw"])
def test_what_could_not_be_measured_drops_nothing(quality):
    faces = pd.DataFrame([{**GOOD, quality: np.nan}])
    assert list(quality_reasons(faces, THRESHOLDS)) == [""]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("motion_blur 0.80 is outside the limits", "motion_blur"),
        ("another person: cosine 0.10 to the mean of ann", "another person"),
        ("near-duplicate of an earlier face of the clip",) * 2,
        ("not among the best 12 of person_0003", "not among the best"),
        ("by hand", "by hand"),
    ],
)
def test_reasons_of_a_kind(reason, kind):
    assert reason_kind(reason) == kind


def test_the_limits_themselves_are_kept():
    edge = {**GOOD, "score": 0.6, "bbox_w": 40.0, "sharpness": 15.0, "brightness": 215.0}
    assert list(quality_reasons(pd.DataFrame([{**edge, "yaw": -50.0}]), THRESHOLDS)) == [""]


def test_an_empty_manifest_is_fine():
    empty = pd.DataFrame({key: pd.Series(dtype=float) for key in GOOD})
    assert quality_reasons(empty, THRESHOLDS).empty


def test_faces_of_one_frame_and_clips_with_slashes_do_not_collide():
    paths = [("src", "a/b", 1), ("src", "a_b", 1), ("src", "a_b", 1, 1), ("dst", "a_b", 1)]
    assert len({side_path(*path) for path in paths}) == 4
    assert all(side_path(*path).count("/") == 1 for path in paths)
