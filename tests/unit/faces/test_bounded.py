import numpy as np
import pytest

from facsimile.faces.bounded import enlarge, shrink
from facsimile.faces.detect import Face

IMAGE = np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def test_a_small_image_is_left_alone():
    same, scale = shrink(IMAGE, 90)
    assert same is IMAGE and scale.tolist() == [1, 1]


@pytest.mark.parametrize(("side", "shape"), [(45, (30, 45)), (50, (33, 50)), (1, (1, 1))])
def test_the_longer_side_is_bounded(side, shape):
    small, scale = shrink(IMAGE, side)
    assert small.shape[:2] == shape
    assert (scale * small.shape[1::-1]).tolist() == [90, 60]


def test_a_blot_is_found_back():
    canvas = np.zeros((600, 900, 3), np.uint8)
    canvas[300:320, 450:480] = 255
    small, scale = shrink(canvas, 90)
    rows, columns = np.nonzero(small[..., 0])
    middle = np.array([[columns.mean(), rows.mean()]] * 5, np.float32)
    box = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    face = enlarge(Face(tuple(map(float, box)), middle, 0.5, middle), scale)
    assert np.allclose(face.landmarks, [464.5, 309.5]) and np.allclose(face.dense, face.landmarks)
    assert face.bbox == (450, 300, 30, 20) and face.score == 0.5
