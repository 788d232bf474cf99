import cv2
import numpy as np
import pytest
from skimage.filters import laplace

from facsimile.faces.quality import _HEAD, brightness, pose, sharpness

RNG = np.random.default_rng(4)
IMAGE = RNG.integers(0, 256, (40, 30, 3), dtype=np.uint8)


def view(yaw, pitch, roll, scale=1.3):
    """The head of the module seen from afar, turned about the image's own axes in order."""
    x, y, z = np.deg2rad([-pitch, -yaw, roll])
    nod = cv2.Rodrigues(np.array([x, 0, 0]))[0]
    shake = cv2.Rodrigues(np.array([0, y, 0]))[0]
    tilt = cv2.Rodrigues(np.array([0, 0, z]))[0]
    return (scale * _HEAD @ (tilt @ shake @ nod).T)[:, :2] + [100, 80]


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 0, 0), (0, -20, 0), (0, 0, 40), (-35, 15, -25)])
def test_pose_recovers_the_turn(angles):
    assert pose(view(*angles)) == pytest.approx(angles, abs=1e-6)


@pytest.mark.parametrize(
    ("angle", "moved", "by"),
    [("yaw", [2], (8, 0)), ("pitch", [2], (0, -8)), ("roll", [1, 4], (0, 9))],
    ids=["nose to the right", "nose up", "clockwise"],
)
def test_signs(angle, moved, by):
    face = view(0, 0, 0)
    face[moved] += by
    assert getattr(pose(face), angle) > 2


def test_pose_of_a_mirrored_face_is_mirrored():
    face = view(20, 8, 12)
    mirrored = (face * [-1, 1])[[1, 0, 2, 4, 3]]
    assert pose(mirrored) == pytest.approx((-20, 8, -12), abs=1e-6)


def test_pose_of_a_point_is_finite():
    assert np.isfinite(pose(np.full((5, 2), 3.0))).all()


def test_sharpness_is_the_variance_of_the_laplacian():
    grey = np.repeat(IMAGE[..., :1], 3, -1)
    oracle = laplace(np.pad(grey[..., 0].astype(float), 1, mode="reflect"), 3)[1:-1, 1:-1]
    assert sharpness(grey) == pytest.approx(oracle.var())
    assert sharpness(cv2.GaussianBlur(IMAGE, (0, 0), 2)) < sharpness(IMAGE) / 10


def test_brightness_is_the_mean_luma():
    assert brightness(IMAGE) == pytest.approx((IMAGE @ [0.299, 0.587, 0.114]).mean(), abs=0.1)
