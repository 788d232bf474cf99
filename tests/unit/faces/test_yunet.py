import cv2
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.detect import prominence
from facsimile.faces.yunet import YuNet
from facsimile.media.image import read_image
from facsimile.media.video import read_frames

NAME = "face_detection_yunet_2023mar_int8bq.onnx"


@pytest.fixture(scope="module")
def frame(sample_root):
    return next(read_frames(sample_root / "clips/franck.mp4", 100, 101)).image


@pytest.fixture(scope="module")
def net(models_root):
    return YuNet(models_root / NAME)


@pytest.mark.sample
def test_rows_are_opencv_s(frame, models_root, net):
    height, width = frame.shape[:2]
    oracle = cv2.FaceDetectorYN.create(str(models_root / NAME), "", (width, height), 0.6)
    row = oracle.detect(np.ascontiguousarray(frame[..., ::-1]))[1][0]
    (face,) = net(frame)
    assert face.bbox == pytest.approx(row[:4]) and face.score == pytest.approx(row[14])
    assert np.allclose(face.landmarks.ravel(), row[4:14])


@pytest.mark.sample
def test_landmarks_are_in_order(frame, net):
    right_eye, left_eye, nose, right_mouth, left_mouth = net(frame)[0].landmarks
    assert right_eye[0] < nose[0] < left_eye[0] and right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


@pytest.mark.sample
def test_large_images_are_shrunk_and_found_at_full_scale(frame, models_root):
    large = cv2.resize(frame, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    small, big = YuNet(models_root / NAME)(frame)[0], YuNet(models_root / NAME)(large)[0]
    assert np.abs(big.landmarks / 4 - small.landmarks).max() < 8  # the net itself wavers by this
    assert np.allclose(np.array(big.bbox) / 4, small.bbox, atol=8)


@pytest.mark.sample
def test_two_faces_the_larger_first(sample_root, net):
    face = read_image(sample_root / "orl/s1/1.pgm")
    canvas = np.full((400, 500, 3), 90, np.uint8)
    canvas[20:132, 20:112] = face
    canvas[60:284, 250:434] = cv2.resize(face, (184, 224))
    found = net(canvas)
    assert [round(f.bbox[0] / 250) for f in found] == [1, 0]
    assert prominence(found[0]) > prominence(found[1])


@pytest.mark.sample
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (48, 64), (31, 33)])
def test_no_face(shape, net):
    assert net(np.full((*shape, 3), 120, np.uint8)) == []


@pytest.mark.sample
def test_non_ascii_path(frame, models_root, tmp_path):
    copy = tmp_path / "modèle 漢.onnx"
    copy.write_bytes((models_root / NAME).read_bytes())
    assert len(YuNet(copy)(frame)) == 1


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_no_model(tmp_path, content):
    if content is not None:
        (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(UserError, match=r"m\.onnx.*fetch"):
        YuNet(tmp_path / "m.onnx")
