import numpy as np
import pytest

from facsimile.faces.boxes import overlaps


@pytest.mark.parametrize("seed", range(3))
def test_overlap_is_that_of_drawn_boxes(seed):
    boxes = np.random.default_rng(seed).integers(1, 30, (7, 4))
    drawn = np.zeros((7, 64, 64), bool)
    for mask, (x, y, width, height) in zip(drawn, boxes, strict=True):
        mask[y : y + height, x : x + width] = True
    shared = (drawn[:3, None] & drawn[None, 3:]).sum((2, 3))
    either = (drawn[:3, None] | drawn[None, 3:]).sum((2, 3))
    boxes = boxes.astype(float)
    assert np.allclose(overlaps(boxes[:3], boxes[3:]), shared / either)


def test_no_boxes_and_empty_boxes():
    assert overlaps(np.zeros((0, 4)), np.zeros((2, 4))).shape == (0, 2)
    assert overlaps(np.zeros((1, 4)), np.zeros((1, 4))).tolist() == [[0]]
