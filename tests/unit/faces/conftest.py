"""Real frames, and the detector that the others are held against."""

import pytest

from facsimile.faces.yunet import YuNet
from facsimile.media.video import read_frames

CLIPS = ["franck", "cap12_edit", "wolfgang_langer"]


@pytest.fixture(scope="package")
def yunet(models_root):
    return YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")


@pytest.fixture(scope="package")
def frames(sample_root):
    """Frame 100 of each clip."""
    clips = sample_root / "clips"
    return {clip: next(read_frames(clips / f"{clip}.mp4", 100, 101)).image for clip in CLIPS}


@pytest.fixture(params=CLIPS)
def clip(request):
    """Each of the clips in turn."""
    return request.param
