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


def test_bars_have_a_colour_a_method():
    table = pd.DataFrame({"degradation": ["blur", "clean"], "net": [25.0, 33], "no_op": [24, None]})
    image = decoded(plots.bars(table, "PSNR, dB"))
    assert has(image, "#c2410c") and has(image, "#2563eb")
