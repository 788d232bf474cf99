import json
import math

import pandas as pd
import pytest

from facsimile.evaluation.summary import means, over_directions, write_metrics

TABLE = pd.DataFrame(
    {
        "psnr": [30.0, math.inf, 20.0],
        "landmark_error": [0.1, math.nan, 0.3],
        "ssim": [0.5, 1.0, 0.75],
        "detected": [True, False, True],
    }
)


def test_infinite_and_missing_values_are_left_out_and_counted():
    metrics = means(TABLE, ["psnr", "landmark_error", "ssim"], "test/swap/a_to_b")
    assert metrics == {
        "test/swap/a_to_b/psnr": 25.0,
        "test/swap/a_to_b/psnr_infinite": 1,
        "test/swap/a_to_b/landmark_error": pytest.approx(0.2),
        "test/swap/a_to_b/ssim": 0.75,
        "test/swap/a_to_b/undetected": 1,
    }


def test_nothing_finite_is_none():
    table = pd.DataFrame({"psnr": [math.inf, math.inf]})
    assert means(table, ["psnr"], "x") == {"x/psnr": None, "x/psnr_infinite": 2}


def test_directions_average_and_counts_add_up():
    metrics = {
        "t/swap/a/psnr": 20.0, "t/swap/b/psnr": None, "t/still/a/psnr": 1.0,
        "t/swap/a/undetected": 2, "t/swap/b/undetected": 3,
        "t/swap/a/psnr_infinite": 0, "t/swap/b/psnr_infinite": 9,
        "t/swap/a/ssim": 0.25, "t/swap/b/ssim": 0.75,
    }  # fmt: skip
    assert over_directions(metrics, "t/swap", ["a", "b"]) == {
        "t/swap/psnr": 20.0,
        "t/swap/undetected": 5,
        "t/swap/psnr_infinite": 9,
        "t/swap/ssim": 0.5,
    }


def test_the_file_is_sorted_rounded_and_valid_json(tmp_path):
    path = tmp_path / "new" / "metrics.json"
    write_metrics(path, {"b": 1 / 3, "a": math.inf, "c": 12345678, "d": None, "e": 1234567.8})
    text = path.read_text()
    assert json.loads(text, parse_constant=pytest.fail) == {
        "a": None, "b": 0.333333, "c": 12345678, "d": None, "e": 1234570.0,
    }  # fmt: skip
    assert list(json.loads(text)) == ["a", "b", "c", "d", "e"]
    assert text.endswith("}\n")
