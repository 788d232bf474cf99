import math

import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.curves import EXPRESSION, per_frame_curves
from facsimile.evaluation.restored_curves import method_bars, strength_curves
from facsimile.evaluation.results import Results
from facsimile.evaluation.summary import means
from facsimile.evaluation.swap import MEASURES
from facsimile.evaluation.tables import Table
from facsimile.reports.origins import Lock
from facsimile.reports.page import Picture
from facsimile.reports.recipe_sections import recipe_sections

PHOTO = np.full((20, 20, 3), 90, np.uint8)


def swap_results():
    rows = [
        {"frame": frame, "row": row, "detected": True}
        | dict.fromkeys((*MEASURES, *EXPRESSION), value)
        | {"psnr": math.inf if row == "no_swap" else 30.0}
        for frame in range(5)
        for row, value in (("swap", 0.9), ("still", 0.8), ("no_swap", 1.0))
    ]
    table = pd.DataFrame(rows)
    metrics = {f"test/reconstruction/a/{m}": 0.9 for m in ("ssim", "psnr", "pixel_cosine")}
    for row, part in table.groupby("row"):
        metrics |= means(part, MEASURES, f"test/{row}/a_to_b")
    curves = per_frame_curves({"a_to_b": table})
    pictures = {"frames_a_to_b.png": PHOTO, "hard_a_to_b.png": PHOTO}
    return Results(metrics, {"a_to_b": table}, curves, pictures)


def enhancement_results():
    row = {"degradation": "blur", "path": "a.png", "psnr": 25.0, "ssim": 0.8}
    table = pd.DataFrame(
        [
            row | {"method": method, "strength": strength}
            for method in ("net", "no_op", "median3", "blind_chain")
            for strength in (math.nan, 1.0, 2.0)
        ]
    )
    metrics = {"test/blur/psnr": 25.0, "test/blur/no_op/psnr": 25.0}
    curves = method_bars(table) | strength_curves(table)
    chain = pd.DataFrame({"filter": ["median3", "wiener"]})
    return Results(metrics, {"blind_chain": chain}, curves, {"examples_blur.jpg": PHOTO})


@pytest.mark.parametrize(
    ("task", "results", "pictures"),
    [("swap", swap_results(), 9), ("enhancement", enhancement_results(), 5)],
)
def test_a_recipe_has_curves_tables_and_pictures(tmp_path, task, results, pictures):
    folder = tmp_path / "recipe"
    results.write(folder)
    (folder / "train").mkdir()
    curves = pd.DataFrame({"step": [25, 50], "train/loss": [1.0, 0.5]})
    curves.to_csv(folder / "train" / "curves.csv", index=False)
    training, evaluated = recipe_sections(folder, task, "sample", Lock(tmp_path / "dvc.lock"))
    assert training.text == "50 steps."
    assert isinstance(training.blocks[0], Picture)
    kinds = [type(block) for block in evaluated.blocks]
    assert kinds.count(Picture) == pictures
    assert kinds[0] is Table
    assert "data/splits/sample" in [origin.path for origin in evaluated.origins]


@pytest.mark.parametrize(("missing", "pictures"), [("mouth", 8), ("eye", 8), ("*", 7)])
def test_an_opening_that_was_never_measured_is_not_shown(tmp_path, missing, pictures):
    folder = tmp_path / "recipe"
    swap_results().write(folder)
    for path in (folder / "plots").glob(f"{missing}_opening_*.csv"):
        path.unlink()
    _, evaluated = recipe_sections(folder, "swap", "sample", Lock(tmp_path / "dvc.lock"))
    assert [type(block) for block in evaluated.blocks].count(Picture) == pictures


def test_crops_only_have_tables_and_no_figures(tmp_path):
    metrics = {"test/reconstruction/a/ssim": 0.9, "test/crop/a_to_b/identity_source": 0.5}
    Results(metrics).write(tmp_path / "recipe")
    _, evaluated = recipe_sections(tmp_path / "recipe", "swap", "sample", Lock(tmp_path / "none"))
    assert [type(block) for block in evaluated.blocks] == [Table, Table]


def test_what_is_missing_is_told_with_the_command(tmp_path):
    sections = recipe_sections(tmp_path / "recipe", "swap", "sample", Lock(tmp_path / "none"))
    assert "facsimile train experiment=recipe" in sections[0].text
    assert "facsimile evaluate experiment=recipe" in sections[1].text


def test_only_where_a_mean_has_infinite_values_it_says_that_it_leaves_them_out(tmp_path):
    enhancement_results().write(tmp_path / "recipe")
    _, evaluated = recipe_sections(
        tmp_path / "recipe", "enhancement", "sample", Lock(tmp_path / "none")
    )
    captions = [block.caption for block in evaluated.blocks if isinstance(block, Picture)]
    assert "Mean SSIM" in captions
    assert any("Mean PSNR" in one and "infinite" in one for one in captions)


def test_the_blind_chain_is_named(tmp_path):
    enhancement_results().write(tmp_path / "recipe")
    _, evaluated = recipe_sections(
        tmp_path / "recipe", "enhancement", "sample", Lock(tmp_path / "none")
    )
    assert "median3 > wiener" in evaluated.text
    paths = {origin.path for origin in evaluated.origins}
    assert {"data/degraded/sample", "data/baselines/sample"} <= paths
