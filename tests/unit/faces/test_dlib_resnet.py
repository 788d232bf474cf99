import sys

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces.dlib_resnet import DlibResNet
from facsimile.faces.identity import cosine

dlib = pytest.importorskip("dlib")
models = pytest.importorskip("face_recognition_models")


@pytest.fixture(scope="module")
def resnet():
    return DlibResNet()


@pytest.mark.sample
def test_as_dlib_s_own_alignment_and_descriptor(clip, frames, resnet, yunet):
    image = np.array(frames[clip])
    (face,) = yunet(image)
    box = dlib.get_frontal_face_detector()(image, 1)[0]
    shape = dlib.shape_predictor(models.pose_predictor_model_location())(image, box)
    net = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    own = np.array(net.compute_face_descriptor(image, shape))
    found = resnet(image, face.landmarks)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
    # within a third of the distance that dlib takes for another person
    assert np.linalg.norm(found * np.linalg.norm(own) - own) < 0.2
    assert cosine(found, own) > 0.99


@pytest.mark.sample
def test_other_people_are_further_than_dlib_s_limit(frames, resnet, yunet):
    found = [resnet(np.array(image), yunet(image)[0].landmarks) for image in frames.values()]
    others = [cosine(a, b) for i, a in enumerate(found) for b in found[:i]]
    assert max(others) < 0.91


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(UserError, match="dlib.*make detectors"):
        DlibResNet()
