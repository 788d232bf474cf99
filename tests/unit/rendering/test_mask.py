from functools import partial

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces import shapes
from facsimile.faces.align import template
from facsimile.faces.mask_edges import blurred, eroded
from facsimile.faces.masks import ellipse_mask, tight_mask
from facsimile.faces.quality import pose
from facsimile.rendering.mask import Mask

SIZE = 128
FIVE = template(SIZE, 1.35) + [[0, 0], [0, 0], [4, 1], [0, 0], [0, 0]]
DENSE = np.random.default_rng(0).uniform(25, 100, (68, 2))
LEARNED = np.random.default_rng(1).random((SIZE, SIZE)).astype(np.float32)


@pytest.mark.parametrize("coverage", [1.0, 1.35, 2.13])
@pytest.mark.parametrize("learned", [None, LEARNED])
def test_the_default_is_the_tight_mask_times_the_learned_one(learned, coverage):
    five = template(SIZE, coverage)
    expected = tight_mask(five, SIZE, pose(five).yaw)
    expected = expected if learned is None else expected * learned
    np.testing.assert_array_equal(Mask()(five, None, learned, SIZE), expected)


def test_the_ellipse_is_as_it_is():
    np.testing.assert_array_equal(Mask(shapes.ellipse)(FIVE, None, None, SIZE), ellipse_mask(SIZE))


def test_a_learned_mask_alone():
    mask = Mask(shapes.whole, "always")(FIVE, None, LEARNED, SIZE)
    inner = np.s_[16:-16, 16:-16]
    np.testing.assert_array_equal(mask[inner], LEARNED[inner])


@pytest.mark.parametrize("shape", [shapes.whole, partial(shapes.hull, raise_brows=3.0)])
def test_no_mask_reaches_the_crops_border(shape):
    far = 3 * (DENSE - 64) + 64
    mask = Mask(shape, erode=-0.1, blur=0.05)(FIVE, far, None, SIZE)
    assert np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).max() == 0
    assert mask[64, 64] > 0.99


def test_a_learned_mask_can_be_left_out():
    mask = Mask(learned="never")
    np.testing.assert_array_equal(mask(FIVE, None, LEARNED, SIZE), mask(FIVE, None, None, SIZE))


def test_eroded_first_then_blurred():
    shape = shapes.tight(FIVE, None, SIZE)
    mask = Mask(erode=0.05, blur=0.02)(FIVE, None, LEARNED, SIZE)
    expected = blurred(eroded(shape * LEARNED, 0.05), 0.02)
    inner = np.s_[10:-10, 10:-10]
    np.testing.assert_array_equal(mask[inner], expected[inner])


def test_a_model_without_a_mask_is_told():
    with pytest.raises(UserError, match="render/mask=tight"):
        Mask(learned="always")(FIVE, None, None, SIZE)


def test_another_word_is_refused_with_those_there_are():
    with pytest.raises(
        (UserError, TypeError), match="if_any"
    ):  # the latter where types are checked
        Mask(learned="sometimes")
