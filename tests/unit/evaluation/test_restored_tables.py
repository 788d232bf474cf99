import pandas as pd
import pytest

from facsimile.evaluation.restored_tables import (
    methods_table,
    strength_table,
    tones_table,
    verdict_table,
)
from facsimile.evaluation.result_tables import tables_of


def row(table, *names):
    (cells,) = [cells for cells in table.rows if tuple(cells[: len(names)]) == names]
    return dict(zip(table.columns, cells, strict=True))


RESTORED = {
    "test/shadow/psnr": 20.0,
    "test/shadow/ssim": 0.5,
    "test/shadow/n": 9,
    "test/shadow/no_op/psnr": 17.0,
    "test/shadow/no_op/keras_accuracy": 0.999,
    "test/shadow/blind_chain/psnr": 18.0,
    "test/shadow/blind_chain/ssim": 0.25,
    "test/shadow/clahe/psnr": 18.5,
    "test/shadow/clahe/ssim": 0.375,
    "test/shadow/clahe/best_filter": 1,
    "test/shadow/bm3d/psnr": 16.0,
    "test/shadow/bm3d/n": 3,
    "test/shadow/constant_red/psnr": 5.0,
    "test/shadow/colour/psnr": 21.0,
    "test/shadow/colour/ssim": 0.5,
    "test/shadow/colour/n": 4,
    "test/shadow/colour/keras_accuracy": 0.875,
    "test/shadow/colour/constant_red/keras_accuracy": 0.75,
    "test/shadow/colour/best_filter/psnr": 19.0,
    "test/shadow/colour/best_filter/ssim": 0.25,
}


def restored(**changes):
    metrics = RESTORED | changes
    return verdict_table(metrics), methods_table(metrics), tones_table(metrics)


def test_all_methods_stand_below_each_other_the_net_first():
    _, methods, _ = restored()
    assert [cells[1] for cells in methods.rows] == [
        "net", "blind chain", "bm3d", "clahe (best filter)", "no-op", "constant red",
    ]  # fmt: skip
    assert row(methods, "shadow", "net")["PSNR dB"] == "20.00"
    assert row(methods, "shadow", "bm3d")["pictures"] == "3"
    assert row(methods, "shadow", "no-op")["keras_accuracy"] == "0.999"


def test_the_verdict_is_read_at_a_glance():
    verdict, _, _ = restored()
    cells = row(verdict, "shadow")
    assert (cells["beats the chain"], cells["by"]) == ("YES", "+2.00 / +0.250")
    assert cells["best single filter"] == "18.50 / 0.375 clahe"
    assert (cells["net"], cells["blind chain"]) == ("20.00 / 0.500", "18.00 / 0.250")
    assert cells["pictures"] == "9"


@pytest.mark.parametrize(
    ("psnr", "ssim", "said"),
    [(18.0, 0.25, "no"), (17.0, 0.5, "only in SSIM"), (19.0, 0.25, "only in PSNR")],
)
def test_half_a_victory_is_none(psnr, ssim, said):
    verdict, _, _ = restored(**{"test/shadow/psnr": psnr, "test/shadow/ssim": ssim})
    assert row(verdict, "shadow")["beats the chain"] == said


@pytest.mark.parametrize(
    "changes",
    [
        {"test/shadow/psnr": None, "test/shadow/psnr_infinite": 9},
        {"test/shadow/blind_chain/psnr_infinite": 1},
        {"test/shadow/psnr_infinite": 1},
    ],
)
def test_there_is_no_verdict_between_infinite_values(changes):
    verdict, _, _ = restored(**changes)
    assert row(verdict, "shadow")["beats the chain"] == "-"


def test_a_mean_that_leaves_identical_pictures_out_is_marked():
    _, methods, _ = restored(**{"test/shadow/bm3d/psnr_infinite": 2})
    assert row(methods, "shadow", "bm3d")["PSNR dB"] == "16.00*"


def test_colour_stands_apart_beside_red():
    _, _, tones = restored()
    cells = row(tones, "shadow", "colour")
    assert (cells["net"], cells["best single filter"]) == ("21.00 / 0.500", "19.00 / 0.250")
    assert (cells["keras: net"], cells["no-op's"], cells["red's"]) == ("0.875", "-", "0.750")
    assert len(tones.rows) == 1


def test_what_was_never_degraded_has_infinite_psnr():
    metrics = {"test/blur/psnr": None, "test/blur/psnr_infinite": 3, "test/blur/ssim": 1.0}
    verdict = verdict_table(metrics)
    assert row(verdict, "blur")["net"] == "inf / 1.000"


def test_other_runs_nets_stand_beside_as_they_are():
    paper = {"test/shadow/psnr": 18.36, "test/shadow/ssim": 0.739, "test/blur/psnr": 23.0}
    verdict = tables_of(RESTORED, {"enhancement_paper": paper, "other": {}})[0]
    cells = row(verdict, "shadow")
    assert (cells["enhancement_paper"], cells["other"]) == ("18.36 / 0.739", "- / -")
    assert cells["net"] == "20.00 / 0.500"
    assert len(verdict.rows) == 1  # of this run's sets


def test_cosines_of_pixels_and_of_faces_stand_apart_and_are_left_out_where_nobody_looked():
    assert "identity cosine" not in methods_table(RESTORED).columns
    measured = {"test/shadow/pixel_cosine": 0.999, "test/shadow/identity_cosine": 0.75}
    methods = methods_table(RESTORED | measured)
    cells = row(methods, "shadow", "net")
    assert (cells["pixel cosine"], cells["identity cosine"]) == ("0.999", "0.750")
    assert row(methods, "shadow", "bm3d")["identity cosine"] == "-"


def test_every_strength_has_a_line_with_the_name_of_its_best_filter():
    means = {"degradation": "blur", "strength": 0.5, "pictures": 24, "best_filter": "wiener"}
    figures = {"no_op": 30.0, "best_filter": 31.25, "net": 33.0}
    means |= {f"{method}_psnr": psnr for method, psnr in figures.items()}
    means |= {f"{method}_ssim": psnr / 100 for method, psnr in figures.items()}
    table = strength_table(pd.DataFrame([means]))
    assert row(table, "blur", "0.5") == {
        "degradation": "blur",
        "strength": "0.5",
        "net": "33.00 / 0.330",
        "best single filter": "31.25 / 0.312 wiener",
        "no-op": "30.00 / 0.300",
        "pictures": "24",
    }
