import numpy as np

from facsimile.media.image import read_image
from facsimile.rendering.people import write_preview


def test_preview_shows_the_same_frames_of_every_row(tmp_path):
    targets = (np.full((40, 60, 3), index, np.uint8) for index in range(100))
    swapped = (np.full((40, 60, 3), 100 + index, np.uint8) for index in range(100))
    write_preview([targets, swapped], 100, tmp_path / "a.png")
    sheet = read_image(tmp_path / "a.png")
    upper, lower = sheet[20, 30::64, 0], sheet[64, 30::64, 0]
    assert upper.tolist() == [6, 18, 31, 43, 56, 68, 81, 93]
    assert (lower - upper).tolist() == [100] * 8
