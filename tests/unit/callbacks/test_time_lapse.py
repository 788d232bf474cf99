import numpy as np
from PIL import Image

from facsimile.callbacks.time_lapse import TimeLapse


def save(folder, step, shade):
    folder.mkdir(exist_ok=True)
    Image.fromarray(np.full((4, 6, 3), shade, np.uint8)).save(folder / f"step_{step:06d}.png")


def test_shows_the_previews_in_the_order_of_their_steps(fit, make_task, tmp_path):
    for step, shade in ((1500, 30), (500, 10), (1000, 20)):
        save(tmp_path / "previews", step, shade)
    written = []
    lapse = TimeLapse(
        tmp_path / "previews", tmp_path / "x.mp4",
        lambda path, pictures, rate: written.append((path, list(pictures), rate)), rate=2.0,
    )  # fmt: skip
    fit(make_task(), [lapse], steps=2)
    [(path, pictures, rate)] = written
    assert path == tmp_path / "x.mp4" and rate == 2.0
    assert [int(picture[0, 0, 0]) for picture in pictures] == [10, 20, 30]
    assert pictures[0].shape == (4, 6, 3) and pictures[0].dtype == np.uint8


def test_without_previews_nothing_is_written(fit, make_task, tmp_path):
    def refuse(*_):
        raise AssertionError("there is nothing to write")

    fit(make_task(), [TimeLapse(tmp_path / "none", tmp_path / "x.mp4", refuse)], steps=2)
