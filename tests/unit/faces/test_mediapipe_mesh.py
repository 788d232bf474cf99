from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces import mediapipe_mesh, optional
from facsimile.faces.align import transform, warp
from facsimile.faces.mediapipe_mesh import FaceMesh

# What MediaPipe 0.10.14 itself (its own graph, with protobuf 4) says of franck's frame 100: nose,
# forehead, eye, mouth corner, chin, cheek, eye, mouth corner, cheek.
PLACES = [1, 10, 33, 61, 152, 234, 263, 291, 454]
ORACLE = [
    [199.7, 173.6], [184.0, 86.4], [153.4, 144.5], [179.6, 204.8], [212.7, 242.6],
    [135.2, 169.2], [233.1, 128.0], [229.6, 194.7], [258.1, 144.3],
]  # fmt: skip

# not importorskip: the package's own code does not run with today's protobuf, and need not
pytestmark = pytest.mark.skipif(find_spec("mediapipe") is None, reason="mediapipe not installed")


@pytest.fixture(scope="module")
def mesh():
    return FaceMesh()


@pytest.mark.sample
def test_mesh_is_mediapipe_s_own_within_a_fiftieth_of_the_eye_distance(frames, mesh):
    (face,) = mesh(frames["franck"])
    apart = np.linalg.norm(face.landmarks[1] - face.landmarks[0])
    assert np.linalg.norm(face.dense[PLACES] - ORACLE, axis=1).mean() < 0.02 * apart


@pytest.mark.sample
def test_points_are_yunet_s_within_a_fifth_of_the_eye_distance(clip, frames, mesh, yunet):
    (face,), (other,) = mesh(frames[clip]), yunet(frames[clip])
    apart = np.linalg.norm(other.landmarks[1] - other.landmarks[0])
    away = np.linalg.norm(face.landmarks - other.landmarks, axis=1) / apart
    assert away[:2].max() < 0.15 and away.max() < 0.2
    assert face.dense.shape == (468, 2) and 0.8 < face.score < 1


@pytest.mark.sample
def test_a_turned_face_has_a_turned_mesh(frames, mesh):
    image = frames["cap12_edit"]
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 30, 1)
    (face,), (turned,) = mesh(image), mesh(warp(image, matrix, (width, height)))
    apart = np.linalg.norm(face.landmarks[1] - face.landmarks[0])
    away = np.linalg.norm(turned.dense - transform(face.dense, matrix), axis=1)
    assert away.mean() < 0.1 * apart


@pytest.mark.sample
def test_two_faces_side_by_side(frames, mesh):
    pair = np.hstack([frames["cap12_edit"][:288, :360], frames["franck"]])
    assert [face.bbox[0] > 360 for face in mesh(pair)] == [True, False]  # the larger first


@pytest.mark.sample
def test_large_images_give_the_same(frames, mesh):
    (small,), (large,) = (
        mesh(i) for i in (frames["franck"], frames["franck"].repeat(4, 0).repeat(4, 1))
    )
    assert np.allclose(np.array(large.bbox) / 4, small.bbox, atol=1)
    assert np.abs((large.dense + 0.5) / 4 - 0.5 - small.dense).max() < 2


def test_no_face_in_noise_nor_in_what_is_tiny(mesh):
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    shapes = [(1, 1), (20, 20), (3, 700), (700, 3)]
    assert [mesh(image) for image in [noise, *(noise[:h, :w] for h, w in shapes)]] == [[]] * 5
    assert mesh(np.full((3000, 4000, 3), 90, np.uint8)) == []


def test_boxes_without_extent_end():
    places = np.zeros((3, 8, 2))
    assert len(mediapipe_mesh._merged(places, np.array([0.7, 0.9, 0.8]))) == 3


def test_missing_package(monkeypatch):
    monkeypatch.setattr(optional, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="mediapipe.*make detectors"):
        FaceMesh()


def test_a_version_without_the_mesh(monkeypatch, tmp_path):
    monkeypatch.setattr(mediapipe_mesh, "folder", lambda name: tmp_path)
    with pytest.raises(UserError, match=r"no usable face_detection.*0\.10\.14"):
        FaceMesh()
