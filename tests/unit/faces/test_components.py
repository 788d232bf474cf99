import cv2
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.align import invert, similarity, template, transform
from facsimile.faces.components import eyes_mouth_mask
from facsimile.faces.dlib_hog import DlibHog
from facsimile.faces.mediapipe_mesh import FaceMesh

FRONTAL = template(128, 1.6).astype(np.float32)


def test_covers_eyes_and_mouth_and_nothing_between():
    mask = eyes_mouth_mask(FRONTAL, 128)
    for x, y in FRONTAL[[0, 1, 3, 4]].round().astype(int):
        assert mask[y, x] > 0.8
    nose, brow = FRONTAL[2].round().astype(int), FRONTAL[0].round().astype(int) - [0, 16]
    assert mask[nose[1], nose[0]] == 0
    assert mask[brow[1], brow[0]] == 0
    assert 0.05 < mask.mean() < 0.2


def test_from_five_points_it_is_symmetric_and_soft():
    mask = eyes_mouth_mask(FRONTAL, 128)
    np.testing.assert_allclose(mask, mask[:, ::-1], atol=1e-5)
    assert np.abs(np.diff(mask, axis=1)).max() < 0.6


def test_follows_a_rolled_head():
    matrix = cv2.getRotationMatrix2D((63.5, 63.5), 30, 1)
    rolled = cv2.transform(FRONTAL[None], matrix)[0]
    expected = cv2.warpAffine(eyes_mouth_mask(FRONTAL, 128), matrix, (128, 128))
    assert np.abs(eyes_mouth_mask(rolled, 128) - expected).max() < 0.1


def test_scales_with_the_crop():
    large = eyes_mouth_mask(2 * FRONTAL + 0.5, 256)
    small = cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(small - eyes_mouth_mask(FRONTAL, 128)).max() < 0.05


def test_points_that_coincide_give_no_error():
    mask = eyes_mouth_mask(np.full((5, 2), 64, np.float32), 128)
    assert np.isfinite(mask).all()
    assert mask.sum() < 10


def test_another_number_of_landmarks_is_refused():
    with pytest.raises(UserError, match="not 7"):
        eyes_mouth_mask(np.zeros((7, 2), np.float32), 128)


@pytest.mark.sample
@pytest.mark.parametrize("detector", [DlibHog, FaceMesh])
def test_dense_landmarks_agree_with_five(detector, frames, clip):
    try:
        find = detector()
    except UserError:
        pytest.skip("its package is not installed")
    face = find(frames[clip])[0]
    matrix = similarity(face.landmarks, 128, 1.6)
    dense, five = (transform(points, matrix) for points in (face.dense, face.landmarks))
    one, other = eyes_mouth_mask(dense, 128), eyes_mouth_mask(five, 128)
    both = np.minimum(one, other).sum()
    assert both > 0.85 * one.sum()  # the ellipses cover the outlines
    assert both > 0.5 * other.sum()
    assert transform(dense, invert(matrix)) == pytest.approx(face.dense, abs=1e-3)
