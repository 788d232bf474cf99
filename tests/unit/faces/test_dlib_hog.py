import sys

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.dlib_hog import DlibHog, _score

dlib = pytest.importorskip("dlib")


@pytest.fixture(scope="module")
def hog():
    return DlibHog()


@pytest.mark.sample
def test_points_are_yunet_s_within_a_quarter_of_the_eye_distance(clip, frames, hog, yunet):
    (face,), (other,) = hog(frames[clip]), yunet(frames[clip])
    apart = np.linalg.norm(other.landmarks[1] - other.landmarks[0])
    away = np.linalg.norm(face.landmarks - other.landmarks, axis=1) / apart
    # noses and mouth corners are defined differently; the order is the same
    assert away[:2].max() < 0.2 and away.max() < 0.25
    assert face.dense.shape == (68, 2) and 0.6 < face.score < 1


@pytest.mark.sample
def test_dense_points_are_dlib_s_own(frames, hog):
    image = np.ascontiguousarray(frames["franck"])
    models = pytest.importorskip("face_recognition_models")
    box = dlib.get_frontal_face_detector()(image, 1)[0]
    shape = dlib.shape_predictor(models.pose_predictor_model_location())(image, box)
    (face,) = hog(image)
    assert face.bbox == (box.left(), box.top(), box.width(), box.height())
    assert face.dense.tolist() == [[point.x, point.y] for point in shape.parts()]
    assert np.allclose(face.landmarks[0], face.dense[36:42].mean(0))


@pytest.mark.sample
def test_two_faces_side_by_side(frames, hog):
    pair = np.hstack([frames["cap12_edit"][:288, :360], frames["franck"]])
    found = hog(pair)
    assert [face.bbox[0] > 360 for face in found] == [True, False]  # the larger first


@pytest.mark.sample
def test_large_images_are_shrunk_and_found_at_full_scale(frames, hog):
    image = frames["franck"]
    (small,), (large,) = hog(image), DlibHog(max_side=360)(image.repeat(4, 0).repeat(4, 1))
    assert np.allclose(np.array(large.bbox) / 4, small.bbox, atol=8)
    assert np.abs((large.landmarks + 0.5) / 4 - 0.5 - small.landmarks).max() < 4
    assert np.abs((large.dense + 0.5) / 4 - 0.5 - small.dense).max() < 8


def test_no_face_in_noise_nor_in_what_is_tiny(hog):
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    shapes = [(1, 1), (20, 20), (3, 700), (700, 3)]
    assert [hog(image) for image in [noise, *(noise[:h, :w] for h, w in shapes)]] == [[]] * 5
    assert hog(np.full((3000, 4000, 3), 90, np.uint8)) == []


def test_score_rises_with_the_margin_and_keeps_to_0_1():
    scores = [_score(margin) for margin in (-50.0, -1.0, 0.0, 0.4, 2.0, 50.0)]
    assert scores == sorted(scores) and scores[2] == 0.5
    assert scores[0] >= 0 and scores[-1] <= 1


@pytest.mark.sample
@pytest.mark.parametrize(("threshold", "count"), [(0.0, 1), (0.6, 1), (0.99, 0), (1.0, 0)])
def test_threshold(frames, threshold, count):
    assert len([f for f in DlibHog(threshold)(frames["franck"]) if f.score > 0.5]) == count


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(UserError, match="dlib.*make detectors"):
        DlibHog()
