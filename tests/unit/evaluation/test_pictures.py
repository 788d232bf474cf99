import numpy as np
import pytest

from facsimile.evaluation.pictures import mark_synthetic, sheet

RED = np.full((40, 60, 3), (200, 0, 0), np.uint8)
BLUE = np.full((80, 60, 3), (0, 0, 200), np.uint8)


def count(image, colour):
    return int((image == colour).all(axis=-1).sum())


def test_every_picture_is_on_the_sheet_whole():
    made = sheet([("target", [RED, RED, RED]), ("swap", [BLUE])], height=40)
    assert count(made, (200, 0, 0)) == 3 * 40 * 60
    assert count(made, (0, 0, 200)) == 40 * 30


def test_only_synthetic_rows_are_marked():
    made = sheet([("target", [RED]), ("swap", [RED])], height=40, synthetic={"swap"})
    top, bottom = np.vsplit(made, 2)
    assert count(top, (200, 0, 0)) == 40 * 60
    assert count(bottom, (200, 0, 0)) < 40 * 60


@pytest.mark.parametrize("shape", [(64, 64, 3), (288, 360, 3), (21, 23, 3), (720, 1280, 3)])
def test_the_mark_is_legible_and_leaves_the_face(shape):
    image = np.full(shape, 120, np.uint8)
    marked = mark_synthetic(image)
    upper = shape[0] - max(9, shape[0] // 14)
    assert (marked[:upper] == 120).all()
    assert marked[upper:].max() > 180 and marked[upper:].min() <= 30
    assert (image == 120).all()


def test_a_long_label_fits():
    made = sheet([("a label that is longer than its only picture", [RED])], height=40)
    assert made.shape[1] > 300
