import pytest

from facsimile.evaluation.result_tables import tables_of
from facsimile.evaluation.tables import person_table, swap_table

SWAP = {
    "test/reconstruction/anna/ssim": 0.9,
    "test/reconstruction/anna/psnr": 27.125,
    "test/reconstruction/anna/pixel_cosine": 0.99,
    "test/crop/anna_to_ben/identity_source": 0.5,
    "test/crop/anna_to_ben/identity_target": 0.1,
    "test/swap/anna_to_ben/ssim": 0.97,
    "test/swap/anna_to_ben/psnr": 33.0,
    "test/swap/anna_to_ben/undetected": 2,
    "test/swap/anna_to_ben/face_pixel_cosine": 0.875,
    "test/swap/ssim": 0.97,
    "test/no_swap/anna_to_ben/ssim": 1.0,
    "test/no_swap/anna_to_ben/psnr": None,
    "test/no_swap/anna_to_ben/psnr_infinite": 9,
}


def row(table, *names):
    (cells,) = [cells for cells in table.rows if tuple(cells[: len(names)]) == names]
    return dict(zip(table.columns, cells, strict=True))


def test_every_row_stands_beside_the_papers():
    table = swap_table(SWAP)
    assert row(table, "paper 1", "")["pixel cosine"] == "0.994"
    assert row(table, "paper 1's baselines", "")["PSNR dB"] == "25-30"
    swap = row(table, "swap", "anna_to_ben")
    assert (swap["SSIM"], swap["PSNR dB"], swap["faces lost"]) == ("0.970", "33.00", "2")
    assert swap["face pixel cosine"] == "0.875"
    untouched = row(table, "no swap", "anna_to_ben")
    assert (untouched["SSIM"], untouched["PSNR dB"]) == ("1.000", "inf")
    assert row(table, "pasted still", "anna_to_ben")["SSIM"] == "-"
    assert row(table, "swap", "mean")["SSIM"] == "0.970"


def test_no_swap_beats_the_paper_and_that_is_said():
    assert "beats the paper's row" in swap_table(SWAP).note


def test_the_person_s_table_says_what_was_not_measured():
    missing = SWAP | {
        "test/swap/anna_to_ben/second_identity_source": None,
        "test/swap/anna_to_ben/flicker_ratio": 1.125,
        "test/swap/second_identity_source": None,
        "test/no_swap/mouth_correlation": None,
    }
    table = person_table(missing)
    swap = row(table, "swap", "anna_to_ben")
    assert (swap["2nd to source"], swap["flicker ratio"], swap["faces lost"]) == ("-", "1.125", "2")
    assert table.note.count("make detectors") == 2
    whole = {"test/swap/second_identity_source": 0.9, "test/no_swap/mouth_correlation": 1.0}
    assert "make detectors" not in person_table(SWAP | whole).note


def test_tables_follow_from_the_metrics():
    titles = [table.title for table in tables_of(SWAP)]
    assert len(titles) == 4
    crops_only = {key: value for key, value in SWAP.items() if "swap/" not in key}
    assert [table.title for table in tables_of(crops_only)] == titles[:2]


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
    verdict, methods, tones = tables_of(RESTORED | changes)
    return verdict, methods, tones


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
    verdict = tables_of(metrics)[0]
    assert row(verdict, "blur")["net"] == "inf / 1.000"


def test_markdown_has_a_line_a_row():
    table = swap_table(SWAP)
    lines = table.markdown().splitlines()
    bars = [line for line in lines if line.startswith("|")]
    assert len(bars) == len(table.rows) + 2
    assert len({line.count("|") for line in bars}) == 1
    assert lines[-1] == table.note
