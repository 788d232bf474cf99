import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.over_time import correlation, over_time
from facsimile.faces.flicker import jitter

FACE = np.array([[30, 30], [50, 30], [40, 40], [33, 50], [47, 50]], float)


def judged(row, frame):
    """In three of four looked at, the swap looks more fake than any untouched frame."""
    return 0.2 if row == "no_swap" else (0.1 if frame % 16 == 0 else 0.9)


def table_of(mouth, eyes, trembling, flicker=(4.0, 2.0)):
    """A swap whose expression is given, over a target that talks and blinks."""
    rng = np.random.default_rng(0)
    rows = []
    for frame, (own_mouth, own_eyes) in enumerate(zip(mouth, eyes, strict=True)):
        values = {
            "swap": (own_mouth, own_eyes, trembling, flicker[0]),
            "no_swap": (np.sin(frame), np.cos(frame / 3), 0.2, flicker[1]),
        }
        for row, (open_mouth, open_eyes, size, flash) in values.items():
            rows.append(
                {
                    "frame": frame,
                    "row": row,
                    "mouth_opening": open_mouth,
                    "eye_opening": open_eyes,
                    "flicker": flash,
                    "landmarks": (FACE + rng.normal(0, size, (5, 2))).ravel().tolist(),
                    "second_identity_source": 0.5 if frame % 10 == 0 else np.nan,
                    "fake_score": np.nan if frame % 4 else judged(row, frame),
                }
            )
    return pd.DataFrame(rows).sample(frac=1, random_state=0)  # in any order


TIMES = np.arange(60)


def test_half_of_the_mouth_is_followed_in_full_and_the_eyes_the_wrong_way():
    found = over_time(table_of(np.sin(TIMES) / 2 + 3, -np.cos(TIMES / 3), 0.2), "swap", "x")
    assert found["x/mouth_correlation"] == pytest.approx(1)
    assert found["x/eye_correlation"] == pytest.approx(-1)
    assert (found["x/flicker"], found["x/flicker_ratio"]) == (4, 2)
    assert found["x/jitter_ratio"] == pytest.approx(1, rel=0.2)
    assert found["x/second_identity_frames"] == 6
    assert found["x/fake_auc"] == pytest.approx(11 / 15)


def test_trembling_is_in_the_target_s_own():
    table = table_of(np.sin(TIMES), np.cos(TIMES), 0.6)
    found = over_time(table, "swap", "x")
    assert found["x/jitter_ratio"] == pytest.approx(3, rel=0.2)
    points = table[table["row"] == "swap"].sort_values("frame")["landmarks"]
    expected = jitter(np.array(points.to_list()).reshape(-1, 5, 2))
    assert found["x/jitter"] == pytest.approx(expected)


def test_the_target_is_its_own_measure():
    found = over_time(table_of(np.sin(TIMES), TIMES * 0.0, 0.2), "no_swap", "x")
    for name in ("mouth_correlation", "eye_correlation", "flicker_ratio", "jitter_ratio"):
        assert found[f"x/{name}"] == pytest.approx(1)
    assert found["x/fake_auc"] == pytest.approx(0.5)


def test_what_was_not_measured_is_none():
    found = over_time(table_of(TIMES * np.nan, TIMES * 0.0, 0.2), "swap", "x")
    assert found["x/mouth_correlation"] is None
    assert found["x/eye_correlation"] is None  # constant
    still = over_time(table_of(TIMES * 1.0, TIMES * 1.0, 0.2, (1.0, 0.0)), "swap", "x")
    assert still["x/flicker_ratio"] is None
    unjudged = table_of(TIMES * 1.0, TIMES * 1.0, 0.2).assign(fake_score=np.nan)
    assert over_time(unjudged, "swap", "x")["x/fake_auc"] is None


def test_correlation_is_pearson_s():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 30))
    y[3] = np.nan
    known = np.arange(30) != 3
    assert correlation(x, y) == pytest.approx(np.corrcoef(x[known], y[known])[0, 1])
