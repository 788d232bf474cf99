import math

import pandas as pd
import pytest

from facsimile.evaluation.ranking import (
    correlations_table,
    items_table,
    rank_correlations,
    ranked_items,
)


def run(quality):
    """Metrics of a swap: the more identity it brings, the less like the frame it is."""
    metrics = {}
    for row, moved in (("swap", quality), ("still", 0.5), ("no_swap", 0.0)):
        for direction in ("a_to_b", "b_to_a"):
            prefix = f"test/{row}/{direction}"
            metrics |= {
                f"{prefix}/ssim": 1 - moved / 10,
                f"{prefix}/psnr": None if row == "no_swap" else 40 - 10 * moved,
                f"{prefix}/psnr_infinite": 30 if row == "no_swap" else 0,
                f"{prefix}/pixel_cosine": 1 - moved / 100,
                f"{prefix}/identity_source": moved,
                f"{prefix}/identity_target": 1 - moved,
                f"{prefix}/second_identity_source": 0.9,
                f"{prefix}/second_identity_target": None,
                f"{prefix}/background_error": moved,
                f"{prefix}/fake_score": 0.3,
            }
    return metrics | {"test/swap/ssim": 0.5}


@pytest.fixture
def items():
    return ranked_items({f"steps={n}": run(n / 10) for n in (1, 3, 6, 9)})


def test_items_are_the_swaps_and_the_two_rows_without_a_net(items):
    one = items[items["direction"] == "a_to_b"].set_index("item")
    assert list(one.index) == ["steps=1", "steps=3", "steps=6", "steps=9", "still", "no_swap"]
    assert one["psnr"]["no_swap"] == math.inf
    assert one["identity_gain"]["steps=9"] == pytest.approx(0.8)
    assert len(items) == 12
    assert len(items_table(items).rows) == 12


def test_what_likes_no_swap_ranks_upside_down(items):
    metrics = rank_correlations(items, draws=50, seed=1)
    for paper in ("ssim", "psnr", "pixel_cosine"):
        assert metrics[f"all/a_to_b/{paper}/identity_source/rho"] == pytest.approx(-1)
        assert metrics[f"all/a_to_b/{paper}/background_error/rho"] == pytest.approx(1)
    assert metrics["all/b_to_a/psnr/identity_gain/n"] == 6
    assert metrics["all/b_to_a/psnr/identity_gain/rho_high"] == pytest.approx(-1)


def test_trained_swaps_are_ranked_apart(items):
    items.loc[items["item"] == "no_swap", "identity_source"] = 2.0
    metrics = rank_correlations(items, draws=20, seed=1)
    assert metrics["trained/a_to_b/ssim/identity_source/rho"] == pytest.approx(-1)
    assert metrics["trained/a_to_b/ssim/identity_source/n"] == 4
    assert metrics["all/a_to_b/ssim/identity_source/rho"] > -0.5


def test_nothing_is_told_of_what_never_changes_or_is_missing(items):
    metrics = rank_correlations(items, draws=20, seed=1)
    assert metrics["all/a_to_b/ssim/fake_score/rho"] is None
    assert metrics["all/a_to_b/ssim/second_identity_gain/rho"] is None
    assert metrics["all/a_to_b/ssim/second_identity_gain/n"] == 0
    shown = correlations_table(metrics)
    assert shown.rows[0][:4] == ["all", "a_to_b", "ssim", "-1.00 [-1.00, -1.00] (6)"]
    assert shown.rows[0][-1] == "-"


def test_ties_are_averaged_and_the_interval_holds_the_value():
    rows = pd.DataFrame(
        {
            "direction": "d",
            "item": list("abcdef"),
            "ssim": [1, 2, 2, 3, 4, 5],
            "psnr": [1.0] * 6,
            "pixel_cosine": [1.0] * 6,
            "identity_source": [2, 1, 3, 4, 6, 5],
            "identity_gain": [1.0] * 6,
            "second_identity_gain": [1.0] * 6,
            "background_error": [1.0] * 6,
            "fake_score": [1.0] * 6,
        }
    )
    metrics = rank_correlations(rows, draws=200, seed=1)
    rank_a, rank_b = [1, 2.5, 2.5, 4, 5, 6], [2, 1, 3, 4, 6, 5]
    expected = pd.Series(rank_a).corr(pd.Series(rank_b))  # Pearson's, of the ranks
    key = "all/d/ssim/identity_source/rho"
    assert metrics[key] == pytest.approx(expected)
    assert metrics[f"{key}_low"] < expected < metrics[f"{key}_high"]
