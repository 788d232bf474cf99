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


def test_markdown_has_a_line_a_row():
    table = swap_table(SWAP)
    lines = table.markdown().splitlines()
    bars = [line for line in lines if line.startswith("|")]
    assert len(bars) == len(table.rows) + 2
    assert len({line.count("|") for line in bars}) == 1
    assert lines[-1] == table.note
