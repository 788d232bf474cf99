import cv2
import numpy as np
import pytest

from facsimile.faces.quality import _HEAD, QUALITIES, eye_distance, measure, misfit, pose

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


@pytest.mark.parametrize("angles", [(0, 0, 0), (35, -10, 20)])
def test_a_head_seen_from_anywhere_fits(angles):
    assert misfit(view(*angles)) < 1e-9


def test_a_guessed_landmark_is_a_misfit():
    face = view(10, 0, 0)
    distance = eye_distance(face)
    face[3] += 0.5 * distance
    assert misfit(face) > 0.05
    assert np.isfinite(misfit(np.full((5, 2), 3.0)))


def test_measure_gives_every_quality_as_a_number():
    face = view(20, 5, 0).astype(np.float32)
    values = measure(IMAGE, face, face - 60)
    assert tuple(values) == QUALITIES
    assert all(type(value) is float for value in values.values())
    assert values["yaw"] == pytest.approx(20, abs=1e-3)
    assert values["eye_distance"] == pytest.approx(eye_distance(face))
    unknown = {name for name, value in values.items() if np.isnan(value)}
    assert unknown == {"blockiness", "mouth_opening", "eye_opening", "gaze"}


def test_measure_reads_the_expression_of_dense_landmarks():
    dense = np.random.default_rng(1).uniform(0, 30, (68, 2)).astype(np.float32)
    values = measure(IMAGE, view(0, 0, 0), view(0, 0, 0) - 60, dense)
    assert np.isfinite([values["mouth_opening"], values["eye_opening"], values["gaze"]]).all()
