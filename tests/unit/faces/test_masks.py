import cv2
import numpy as np
import pytest

from facsimile.faces.align import template
from facsimile.faces.masks import ellipse_mask, tight_mask

FRONTAL = template(128, 1.6).astype(np.float32)


def turned(shift: float) -> np.ndarray:
    """The same face with its nose moved to the viewer's right."""
    points = FRONTAL.copy()
    points[2, 0] += shift
    return points


def test_covers_the_features_and_leaves_the_border():
    mask = tight_mask(FRONTAL, 128, 0.0)
    for x, y in FRONTAL.astype(int):
        assert mask[y, x] == 1
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert border.max() == 0
    assert mask.shape == (128, 128)
    assert mask.dtype == np.float32


def test_reaches_brows_and_chin_but_not_the_hair_and_the_neck():
    mask = tight_mask(FRONTAL, 128, 0.0)
    eyes, mouth, apart = 41, 86, 42
    assert mask[eyes - apart // 3, 64] == 1
    assert mask[mouth + apart // 2, 64] > 0.9
    assert mask[eyes - int(0.9 * apart), 64] == 0
    assert mask[mouth + int(0.95 * apart), 64] == 0


def test_frontal_mask_is_symmetric_and_feathered():
    mask = tight_mask(FRONTAL, 128, 0.0)
    np.testing.assert_allclose(mask, mask[:, ::-1], atol=1e-6)
    assert np.abs(np.diff(mask, axis=1)).max() < 0.3


def test_a_face_larger_than_the_crop_fades_before_the_border():
    mask = tight_mask(template(128, 0.9).astype(np.float32), 128, 0.0)
    assert mask[64, 64] == 1
    assert np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).max() == 0
    assert np.abs(np.diff(mask, axis=0)).max() < 0.3


@pytest.mark.parametrize("yaw", [15.0, 30.0, 45.0])
def test_far_side_narrows_and_near_side_widens_with_the_turn(yaw: float):
    frontal, side = tight_mask(FRONTAL, 128, 0.0), tight_mask(turned(8), 128, yaw)
    row = 63
    assert side[row, 65:].sum() < frontal[row, 65:].sum()
    assert side[row, :64].sum() > frontal[row, :64].sum()


def test_narrows_more_the_further_the_head_turns():
    far = [tight_mask(turned(8), 128, yaw)[63, 65:].sum() for yaw in (0.0, 10.0, 20.0, 40.0)]
    assert far == sorted(far, reverse=True)


def test_turning_the_other_way_mirrors_the_mask():
    points = turned(8)
    mirrored = points[[1, 0, 2, 4, 3]] * [-1, 1] + [127, 0]
    left = tight_mask(mirrored.astype(np.float32), 128, -25.0)
    np.testing.assert_allclose(left, tight_mask(points, 128, 25.0)[:, ::-1], atol=1e-5)


def test_follows_a_rolled_head():
    matrix = cv2.getRotationMatrix2D((63.5, 63.5), 20, 1)
    rolled = cv2.transform(turned(6)[None], matrix)[0].astype(np.float32)
    upright = tight_mask(turned(6), 128, 20.0)
    expected = cv2.warpAffine(upright, matrix, (128, 128))
    assert np.abs(tight_mask(rolled, 128, 20.0) - expected).max() < 0.06


def test_scales_with_the_crop():
    large = tight_mask(2 * FRONTAL + 0.5, 256, 0.0)
    small = cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(small - tight_mask(FRONTAL, 128, 0.0)).max() < 0.02


def test_points_that_coincide_give_an_empty_mask_not_an_error():
    mask = tight_mask(np.full((5, 2), 64, np.float32), 128, 0.0)
    assert np.isfinite(mask).all()
    assert mask.sum() < 10


def test_ellipse_is_wide_and_leaves_the_border():
    mask, tight = ellipse_mask(128), tight_mask(FRONTAL, 128, 0.0)
    assert mask.sum() > 1.25 * tight.sum()
    assert mask[64, 64] == 1
    assert np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).max() == 0
    np.testing.assert_allclose(mask, mask[::-1, ::-1], atol=1e-6)
