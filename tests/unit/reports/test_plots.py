import cv2
import numpy as np
import pandas as pd
import pytest

from facsimile.reports import plots


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def curve(value, frames=40):
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.01, frames)
    return pd.DataFrame(
        {"frame": range(frames), "swap": value + noise, "still": value - 0.1, "no_swap": np.nan}
    )


def has(image, colour, tolerance=12):
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((abs(image.astype(int) - rgb).max(axis=-1) <= tolerance).any())


@pytest.mark.parametrize("measure", ["pixel_cosine", "ssim", "psnr"])
def test_per_frame_shows_every_row_and_the_papers_value(measure):
    curves = {"a_to_b": curve(0.9), "b_to_a": curve(0.8)}
    image = decoded(plots.per_frame(curves, measure))
    assert image.shape[1] > 1000
    assert all(has(image, colour) for colour in plots.COLOURS.values())


def test_the_same_numbers_give_the_same_bytes():
    curves = {"a_to_b": curve(0.9)}
    assert plots.per_frame(curves, "ssim") == plots.per_frame(curves, "ssim")


def test_identity_has_a_line_a_row():
    image = decoded(plots.identity_per_frame({"a_to_b": curve(0.6)}, {"a_to_b": curve(0.1)}))
    assert has(image, plots.COLOURS["swap"]) and has(image, plots.COLOURS["still"])


def test_an_opening_shows_the_swap_over_the_target_and_no_still():
    image = decoded(plots.opening_per_frame({"a_to_b": curve(0.2).fillna(0.3)}, "mouth"))
    shown = {row: has(image, colour) for row, colour in plots.COLOURS.items()}
    assert shown == {"swap": True, "no_swap": True, "still": False}


def test_two_axes_has_every_point():
    points = [("a_to_b", "swap", 0.97, 0.4), ("b_to_a", "no_swap", 1.0, 0.05)]
    image = decoded(plots.two_axes(points))
    assert has(image, plots.COLOURS["swap"]) and has(image, plots.COLOURS["no_swap"])


def test_training_has_a_panel_a_kind_of_metric():
    curves = pd.DataFrame(
        {"step": [25, 50, 75], "train/loss": [1.0, 0.5, 0.4], "val/psnr": [None, 20.0, None]}
    )
    two = decoded(plots.training(curves))
    one = decoded(plots.training(curves.drop(columns="val/psnr")))
    assert not np.array_equal(one, two)


def test_accuracy_has_a_panel_with_a_line_for_what_costs_nothing():
    steps = np.arange(3, 31, 3)
    rows = ("train", "val", "val/no_op", "val/constant_red")
    curves = pd.DataFrame({"step": steps} | {f"{row}/keras_accuracy": steps / 30 for row in rows})
    alone = pd.DataFrame({"step": steps, "train/keras_accuracy": steps / 30})
    image, one = decoded(plots.training(curves)), decoded(plots.training(alone))
    assert all(has(image, colour) for colour in plots._PALETTE[:4])
    assert has(one, plots._PALETTE[0]) and not has(one, plots._PALETTE[3])


def lines_of_training(monkeypatch, rows):
    """By panel and label: colour and style of each curve."""
    drawn = []
    monkeypatch.setattr(plots, "as_png", lambda figure: drawn.append(figure) or b"")
    steps = np.arange(1, 6)
    columns = [f"{row}/{panel}" for panel, some in rows.items() for row in some]
    plots.training(pd.DataFrame({"step": steps} | {c: steps * 0.1 for c in columns}))
    return {
        panel.get_title("left"): {
            line.get_label(): (line.get_color(), line.get_linestyle()) for line in panel.lines
        }
        for panel in drawn[0].axes
    }


def test_a_person_has_one_colour_in_all_panels_and_a_whole_line(monkeypatch):
    people = ["val/src", "val/dst", "val"]
    lines = lines_of_training(monkeypatch, {"loss": ["train", "val", *people[:2]], "psnr": people})
    for row in people:
        assert lines["psnr"][row] == lines["loss"][row]
    assert len({colour for colour, _ in lines["loss"].values()}) == 4
    assert {style for some in lines.values() for _, style in some.values()} == {"-"}


def test_what_costs_nothing_is_dashed(monkeypatch):
    rows = ["train", "val", "val/no_op", "val/constant_red"]
    lines = lines_of_training(monkeypatch, {"loss": ["train", "val"], "keras_accuracy": rows})
    styles = {row: style for row, (_, style) in lines["keras_accuracy"].items()}
    assert styles == {"train": "-", "val": "-", "val/no_op": "--", "val/constant_red": "--"}


def test_more_curves_than_colours_are_all_drawn(monkeypatch):
    rows = [f"val/{number}" for number in range(9)]
    assert list(lines_of_training(monkeypatch, {"ssim": rows})["ssim"]) == rows


def test_training_is_drawn_over_epochs_where_they_are_counted():
    curves = pd.DataFrame({"step": [3, 6, 9], "train/loss": [1.0, 0.5, 0.4]})
    over_steps = decoded(plots.training(curves))
    over_epochs = decoded(plots.training(curves.assign(epoch=[1.0, 2.0, 3.0])))
    assert not np.array_equal(over_steps, over_epochs)


def test_a_loss_below_zero_is_drawn():
    loss = np.linspace(-0.1, -0.5, 50)
    curves = pd.DataFrame({"step": range(50), "train/loss": loss})
    above, below = (
        decoded(plots.training(curves.assign(**{"train/loss": loss + shift}))) for shift in (9, 0)
    )
    orange = [
        (np.abs(image.astype(int) - (0xC2, 0x41, 0x0C)) < 8).all(-1).sum()
        for image in (above, below)
    ]
    assert orange[1] > 0.7 * orange[0]


METHODS = {"no_op": 24.0, "best_filter": 25.0, "blind_chain": 26.0, "net": 28.0}


def test_bars_have_a_colour_a_method():
    table = pd.DataFrame([{"degradation": name} | METHODS for name in ("blur", "clean")])
    image = decoded(plots.bars(table.assign(no_op=[24, None]), "PSNR, dB"))
    assert all(has(image, colour) for _, colour in plots.RESTORERS.values())


def test_strengths_have_a_panel_a_degradation_and_a_line_a_method():
    table = pd.DataFrame([{"strength": s} | METHODS for s in (0.2, 0.4)])
    one = decoded(plots.strengths({"blur": table}, "PSNR, dB"))
    assert all(has(one, colour) for _, colour in plots.RESTORERS.values())
    without = decoded(plots.strengths({"blur": table.drop(columns="net")}, "PSNR, dB"))
    assert not has(without, plots.RESTORERS["net"][1])
    two = decoded(plots.strengths({"blur": table, "fog": table}, "PSNR, dB"))
    assert two.shape == one.shape
    assert not np.array_equal(one, two)
