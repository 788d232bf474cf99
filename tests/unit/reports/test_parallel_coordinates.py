import cv2
import numpy as np
import pandas as pd

from facsimile.reports.parallel_coordinates import parallel_coordinates

TABLE = pd.DataFrame(
    {
        "lr": ["1e-4", "1e-3", "1e-2", "1e-1"],
        "model": ["unet", "r2unet", "unet", None],
        "state": ["done", "done", "failed", "pruned"],
        "psnr": [20.0, 30.0, None, None],
    }
)
RED = np.array([38, 38, 220])  # of what failed, in BGR


def drawn(table, settings=("lr", "model"), metrics=("psnr",), higher=(True,)):
    png = parallel_coordinates(table, settings, metrics, higher, table["state"] == "done")
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


def reds(picture):
    return int((np.abs(picture.astype(int) - RED).sum(-1) < 30).sum())


def test_every_trial_is_a_line_and_failures_are_red():
    whole = drawn(TABLE)
    assert whole.shape[0] > 400 and reds(whole) > 100
    assert reds(drawn(TABLE.assign(state="done", psnr=[20.0, 30, 25, 21]))) == 0
    assert not np.array_equal(whole, drawn(TABLE.iloc[1:]))


def test_the_same_table_gives_the_same_bytes():
    assert np.array_equal(drawn(TABLE), drawn(TABLE))


def test_an_axis_of_what_is_better_lower_points_up():
    up, down = drawn(TABLE), drawn(TABLE, higher=(False,))
    assert not np.array_equal(up, down)


def test_nothing_but_failures_and_settings_that_do_not_differ_are_drawn_too():
    assert reds(drawn(TABLE.assign(state="failed", psnr=None, lr="1"))) > 100
    assert drawn(TABLE, metrics=(), higher=()).size
