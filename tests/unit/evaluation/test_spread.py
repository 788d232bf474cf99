import statistics

import pytest

from facsimile.evaluation.spread import spread, spread_table

RUNS = {
    "k=0": [{"psnr": 20.0, "ssim": 0.5}, {"psnr": 22.0, "ssim": None}, {"psnr": 27.0}],
    "k=1": [{"psnr": 30.0, "ssim": 0.25}],
}


def test_mean_and_spread_are_those_of_the_runs_that_have_a_value():
    metrics = spread(RUNS)
    assert metrics["k=0/psnr/mean"] == pytest.approx(23.0)
    assert metrics["k=0/psnr/std"] == pytest.approx(statistics.stdev([20.0, 22.0, 27.0]))
    assert metrics["k=0/psnr/n"] == 3
    assert (metrics["k=0/ssim/mean"], metrics["k=0/ssim/std"]) == (0.5, None)
    assert metrics["k=0/ssim/n"] == metrics["k=1/psnr/n"] == 1


def test_a_metric_that_no_run_has_has_no_mean():
    metrics = spread({"a": [{"x": None}]})
    assert metrics == {"a/x/mean": None, "a/x/std": None, "a/x/n": 0}


def test_the_table_has_a_row_a_metric_and_a_column_a_setting():
    table = spread_table("study", spread(RUNS), list(RUNS))
    assert list(table.columns) == ["metric", "k=0", "k=1"]
    assert table.rows[0] == ["psnr", "23 ± 3.6 (3)", "30 (1)"]
    assert table.rows[1] == ["ssim", "0.5 (1)", "0.25 (1)"]
    assert "| ssim | 0.5 (1) | 0.25 (1) |" in table.markdown()
