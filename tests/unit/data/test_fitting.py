import cv2
import numpy as np
import pytest

from facsimile.data.fitting import Fitting

PICTURE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


@pytest.mark.parametrize(
    ("resize", "height", "width", "shape"),
    [
        ("none", None, None, (60, 80)),
        ("fit", 30, None, (30, 40)),
        ("fit", None, 20, (15, 20)),
        ("fit", 30, 20, (15, 20)),
        ("fit", 120, 400, (120, 160)),
        ("fill", 30, 30, (30, 30)),
        ("fill", 90, 30, (90, 30)),
        ("stretch", 17, 90, (17, 90)),
    ],
)
def test_sizes(resize, height, width, shape):
    assert Fitting(resize, height, width)(PICTURE).shape == (*shape, 3)


def test_filling_cuts_the_middle_out():
    marked = np.zeros((40, 80, 3), np.uint8)
    marked[:, 20:60] = 200
    filled = Fitting("fill", 40, 40)(marked)
    assert (filled == 200).all()


def test_nothing_is_changed_that_is_not_asked_for():
    assert Fitting()(PICTURE) is PICTURE
    assert not Fitting().changes and Fitting(colour="grey").changes


def test_grey_is_the_luma_three_times():
    grey = Fitting(colour="grey")(PICTURE)
    np.testing.assert_array_equal(grey[..., 1], cv2.cvtColor(PICTURE, cv2.COLOR_RGB2GRAY))
    assert (grey == grey[..., :1]).all()
