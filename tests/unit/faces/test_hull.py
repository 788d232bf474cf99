import cv2
import numpy as np
import pytest
from scipy.spatial import ConvexHull
from skimage.draw import polygon2mask

from facsimile.faces.hull import filled, hull_mask


@pytest.fixture
def face68() -> np.ndarray:
    """A frontal face: jaw, brows, nose, eyes and mouth where dlib counts them."""
    jaw = [[64 - 40 * np.cos(a), 56 + 50 * np.sin(a)] for a in np.linspace(0, np.pi, 17)]
    brows = [[x, 40] for x in (30, 36, 42, 48, 54, 74, 80, 86, 92, 98)]
    nose = [[64, 50 + 3 * i] for i in range(9)]
    eyes = [[x + dx, 52 + dy] for x in (44, 84) for dx, dy in ((-6, 0), (-2, -2), (2, -2))]
    eyes = eyes[:3] + [[50, 52], [46, 54], [42, 54]] + eyes[3:] + [[90, 52], [86, 54], [82, 54]]
    mouth = [[64 + 14 * np.cos(a), 86 + 6 * np.sin(a)] for a in np.linspace(0, 6.0, 20)]
    return np.array([*jaw, *brows, *nose, *eyes, *mouth], np.float32)


def test_agrees_with_skimage():
    points = np.random.default_rng(0).uniform(10, 90, (30, 2))
    corners = points[ConvexHull(points).vertices]
    theirs = polygon2mask((100, 100), corners[:, ::-1])
    ours = filled(points, 100)
    assert np.mean((ours > 0.5) != theirs) < 0.008
    inner = cv2.erode(theirs.astype(np.uint8), np.ones((3, 3)))
    outer = cv2.dilate(theirs.astype(np.uint8), np.ones((3, 3)))
    assert (ours[inner > 0] == 1).all()
    assert (ours[outer == 0] == 0).all()


def test_covers_all_landmarks_and_no_more_than_the_outline(face68):
    mask = hull_mask(face68, 128)
    for x, y in np.rint(face68).astype(int):
        assert mask[y, x] > 0.2
    assert mask[20, 64] == 0
    assert mask[112, 64] == 0
    assert mask.dtype == np.float32


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_brows_are_raised_by_their_distance_from_the_eyes(face68, share):
    """Brows at 40, corners and upper lids at a mean of 51: the top moves by a share of 11."""
    column = hull_mask(face68, 128, raise_brows=share)[:, 50]
    assert np.argmax(column > 0.5) == pytest.approx(40 - 11 * share, abs=1)


def test_a_tilted_head_raises_them_along_its_own_axis(face68):
    turn = cv2.getRotationMatrix2D((64, 64), 25, 1)
    tilted = cv2.transform(face68[None], turn)[0]
    expected = cv2.warpAffine(hull_mask(face68, 128), turn, (128, 128))
    assert np.abs(hull_mask(tilted, 128) - expected).mean() < 0.01


def test_the_landmarks_of_a_mesh_are_taken_as_they_are(face68):
    mesh = np.concatenate([face68, face68[:10]])
    np.testing.assert_array_equal(hull_mask(mesh, 128), hull_mask(mesh, 128, raise_brows=3.0))


def test_points_outside_of_the_crop_are_cut_off():
    mask = filled(np.array([[-50.0, -50], [200, -50], [200, 200], [-50, 200]]), 64)
    assert mask.min() == 1
    assert filled(np.full((5, 2), 500.0), 64).max() == 0


def test_input_stays(face68):
    before = face68.copy()
    hull_mask(face68, 128)
    np.testing.assert_array_equal(face68, before)
