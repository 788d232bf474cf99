import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from skimage.draw import polygon2mask
from skimage.morphology import convex_hull_image

from facsimile.faces.blend_mask import BlendMask

SIZE = (112, 92)
# an oval of 40 points, as x, y
ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)
OVAL = np.stack([46 + 28 * np.cos(ANGLES), 60 + 36 * np.sin(ANGLES)], 1).astype(np.float32)
STILL = BlendMask(deform=(0.0, 0.0), erode=(1e-3, 1e-3), soften=(1e-3, 1e-3))


def drawn(seed, mask=None, points=OVAL):
    return (mask or BlendMask())(points, SIZE, np.random.default_rng(seed))


def oval():
    return convex_hull_image(polygon2mask(SIZE, OVAL[:, ::-1]))


def test_without_deformation_and_blur_it_is_the_hull():
    inside = drawn(0, STILL) > 0.5
    hull = oval()
    assert (inside & hull).sum() / (inside | hull).sum() > 0.95


@pytest.mark.parametrize("seed", range(8))
def test_every_mask_is_soft_near_the_face_and_gone_at_the_border(seed):
    mask = drawn(seed)
    assert mask.shape == SIZE and mask.dtype == np.float32
    assert mask.min() >= 0 and 0.9 < mask.max() <= 1
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert (border == 0).all()
    far = distance_transform_edt(~oval()) > 25
    assert mask[far].max(initial=0) < 0.02


def test_a_face_as_large_as_its_picture_has_no_edge_at_the_border():
    mask = drawn(1, STILL, OVAL * 2 - [46, 60])
    assert (mask[0] == 0).all() and (mask[:, -1] == 0).all()
    assert mask[60, 40] == 1 and np.abs(np.diff(mask[60])).max() < 0.5


def test_it_is_a_function_of_the_generator():
    assert np.array_equal(drawn(3), drawn(3))
    assert np.abs(drawn(3) - drawn(4)).max() > 0.1


def test_erosion_takes_from_the_hull():
    wide = drawn(0, BlendMask(deform=(0.0, 0.0), erode=(1e-3, 1e-3), soften=(0.01, 0.01)))
    narrow = drawn(0, BlendMask(deform=(0.0, 0.0), erode=(0.05, 0.05), soften=(0.01, 0.01)))
    assert narrow.sum() < 0.85 * wide.sum()


@pytest.mark.parametrize(
    "wrong", [{"erode": (0.0, 0.1)}, {"soften": (0.2, 0.1)}, {"deform": (-1.0, 0.0)}, {"cells": 0}]
)
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BlendMask(**wrong)
