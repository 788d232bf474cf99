import math

import numpy as np
import pandas as pd
import pytest

from facsimile.evaluation.measure import MEASURES
from facsimile.evaluation.measure_summary import reasons, rounded, summarise
from facsimile.reports.measure_page import CURVES, measure_page
from facsimile.reports.measure_plots import FIGURES, figure
from facsimile.reports.page import Beside


def frames(count=8, item="a.mp4"):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({key: rng.random(count) for key in MEASURES})
    table["face/ms_ssim"] = math.nan
    table.loc[0, "frame/psnr"] = math.inf
    table["missing"], table["unmatched"] = "", ""
    table["item"], table["reference_frame"] = item, range(count)
    return table


def result(table):
    file = {"path": "a<b>.mp4", "sha256": "ab" * 32, "width": 64, "height": 48}
    item = {"name": "a", "left": {"reference": 0, "distorted": 3}}
    return rounded(
        {
            **summarise(table),
            "reasons": reasons(table, 1),
            "notes": ["a: 3 frames are left."],
            "rejected": {"c.png": "there is no partner"},
            "items": [item | {"reference": file | {"frame_rate": "30000/1001"}, "distorted": file}],
            "settings": {"ssim": {"window": "11x11"}, "k": [0.01, 0.03]},
        }
    )


def test_the_page_tells_figures_reasons_inputs_and_settings():
    table = frames()
    plots = {name: figure(table, name) for name in CURVES}
    html = measure_page(result(table), plots, [Beside("examples/a.jpg", "an example")]).html()
    for words in (
        "a&lt;b&gt;.mp4",
        "29.97",
        "abababababababab",
        "3 frames are left",
        "there is no partner",
        f"{table['frame/ssim_rgb'].mean():.4f}",
        "smaller than 176x176",
        "1 identical frames",
        "ssim.window",
        "0.01, 0.03",
        'src="examples/a.jpg" alt="an example"',
    ):
        assert words in html, words
    assert html.count("data:image/png") == len(CURVES)
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_same_bytes_again_and_none_without_values(name):
    table = frames()
    assert figure(table, name) == figure(table, name)
    empty = table.assign(**dict.fromkeys(MEASURES, math.nan))
    assert figure(empty, name) is None


def test_a_line_shows_the_values_by_frame_or_by_pair(monkeypatch):
    from facsimile.reports import measure_plots

    drawn = []
    monkeypatch.setattr(measure_plots, "as_png", lambda canvas: drawn.append(canvas) or b"")
    table = frames().assign(reference_frame=range(10, 18))
    figure(table, "psnr")
    figure(pd.concat([table, frames(2, "b.png")]), "psnr")
    lines = [canvas.axes[0].get_lines()[0] for canvas in drawn]
    assert lines[0].get_xdata().tolist() == list(range(10, 18))
    assert np.isnan(lines[0].get_ydata()[0]) and lines[0].get_ydata()[1] == table["frame/psnr"][1]
    assert lines[1].get_xdata().tolist() == list(range(10))
    assert "identical" in drawn[0].axes[0].get_lines()[1].get_label()
