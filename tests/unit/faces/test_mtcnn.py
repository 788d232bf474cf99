import sys

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.detect import BatchDetector
from facsimile.faces.mtcnn import Mtcnn

facenet = pytest.importorskip("facenet_pytorch")


@pytest.fixture(scope="module")
def net():
    return Mtcnn(device="cpu")


@pytest.mark.sample
def test_points_are_yunet_s_within_a_fifth_of_the_eye_distance(clip, frames, net, yunet):
    (face,), (other,) = net(frames[clip]), yunet(frames[clip])
    apart = np.linalg.norm(other.landmarks[1] - other.landmarks[0])
    away = np.linalg.norm(face.landmarks - other.landmarks, axis=1) / apart
    assert away[:2].max() < 0.15 and away.max() < 0.2
    assert 0.9 < face.score <= 1 and face.dense is None


@pytest.mark.sample
def test_rows_are_facenet_pytorch_s_own(frames, net):
    image = frames["franck"]
    boxes, scores, points = facenet.MTCNN(keep_all=True).detect(image, landmarks=True)
    (face,) = net(image)
    x, y, width, height = face.bbox
    assert np.allclose([x, y, x + width, y + height], boxes[0].astype(float), atol=1e-3)
    assert np.allclose(face.landmarks, points[0].astype(float), atol=1e-3)
    assert face.score == pytest.approx(scores[0])


@pytest.mark.sample
def test_a_batch_is_its_images_one_by_one(frames, net):
    image = frames["franck"]
    empty = np.full_like(image, 90)
    pair = np.hstack([image[:, 60:240], frames["cap12_edit"][:288, 100:280]])
    batch = [image, empty, pair, image]
    single = [net(one) for one in batch]
    assert [len(faces) for faces in single] == [1, 0, 2, 1]
    for alone, together in zip(single, net.detect_batch(batch), strict=True):
        assert len(alone) == len(together)
        for one, other in zip(alone, together, strict=True):
            assert one.bbox == pytest.approx(other.bbox, abs=0.1)
            assert np.allclose(one.landmarks, other.landmarks, atol=0.1)
    assert net.detect_batch([empty, empty]) == [[], []] and net.detect_batch([]) == []


def test_extraction_hands_over_one_frame_at_a_time_unless_there_is_a_gpu(net):
    assert isinstance(net, BatchDetector) and net.batch_size == 1
    assert Mtcnn(device="cpu", batch_size=4).batch_size == 4


@pytest.mark.sample
def test_two_faces_side_by_side(frames, net):
    pair = np.hstack([frames["cap12_edit"][:288, :360], frames["franck"]])
    assert [face.bbox[0] > 360 for face in net(pair)] == [True, False]  # the larger first


@pytest.mark.sample
def test_large_images_are_shrunk_and_found_at_full_scale(frames, net):
    image = frames["franck"]
    (small,) = net(image)
    (large,) = Mtcnn(max_side=360, device="cpu")(image.repeat(4, 0).repeat(4, 1))
    assert np.allclose(np.array(large.bbox) / 4, small.bbox, atol=4)
    assert np.abs((large.landmarks + 0.5) / 4 - 0.5 - small.landmarks).max() < 2


def test_no_face_in_noise_nor_in_what_is_tiny(net):
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    shapes = [(1, 1), (20, 20), (3, 700), (700, 3), (64, 64)]
    assert [net(image) for image in [noise, *(noise[:h, :w] for h, w in shapes)]] == [[]] * 6
    assert net(np.full((3000, 4000, 3), 90, np.uint8)) == []


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "facenet_pytorch", None)
    with pytest.raises(UserError, match="facenet_pytorch.*make detectors"):
        Mtcnn()
