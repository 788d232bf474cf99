import cv2
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.identity import SIDE, TEMPLATE, SFace, alignment, cosine

MODEL = "face_recognition_sface_2021dec_int8bq.onnx"


def turned(points, degrees=25.0, scale=2.5, shift=(40.0, -7.0)):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ turn.T + shift


def test_alignment_undoes_any_similarity():
    matrix = alignment(turned(TEMPLATE))
    back = turned(TEMPLATE) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(back, TEMPLATE, atol=1e-9)


def test_alignment_never_mirrors():
    mirrored = TEMPLATE * [-1.0, 1.0]
    assert np.linalg.det(alignment(mirrored)[:, :2]) > 0


def test_a_missing_model_names_the_command(tmp_path):
    with pytest.raises(UserError, match="facsimile fetch"):
        SFace(tmp_path / "absent.onnx")


def test_a_file_that_is_no_network(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"not a network")
    with pytest.raises(UserError, match="not a network"):
        SFace(tmp_path / "a.onnx")


@pytest.mark.sample
def test_as_opencvs_own_recogniser(models_root):
    rng = np.random.default_rng(1)
    image = cv2.GaussianBlur(rng.integers(0, 256, (200, 240, 3), dtype=np.uint8), (0, 0), 4)
    landmarks = turned(TEMPLATE, 12.0, 1.3, (50.0, 20.0)).astype(np.float32)
    oracle = cv2.FaceRecognizerSF.create(str(models_root / MODEL), "")
    face = np.concatenate([[0, 0, SIDE, SIDE], landmarks.ravel(), [1]]).astype(np.float32)[None]
    expected = oracle.feature(oracle.alignCrop(image[..., ::-1].copy(), face)).ravel()
    found = SFace(models_root / MODEL)(image, landmarks)
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-6)
    assert cosine(found, expected) > 0.9999


@pytest.mark.sample
def test_a_non_ascii_path(models_root, tmp_path):
    copy = tmp_path / "gesichtsmodell-ä.onnx"
    copy.write_bytes((models_root / MODEL).read_bytes())
    assert SFace(copy)(np.zeros((SIDE, SIDE, 3), np.uint8), TEMPLATE).shape == (128,)
