"""Scores and heat maps of pictures and videos, as the command leaves them."""

import json
import shutil
from hashlib import sha256

import cv2
import numpy as np
import pytest
import torch

from facsimile.media.image import read_image, write_image
from facsimile.models.frequency_net import FrequencyNet
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read

SIZES = {"width": 4, "stages": 2, "rings": 8}


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    net = FrequencyNet(**SIZES)
    stored = {
        "state_dict": {f"net.{key}": value for key, value in net.state_dict().items()},
        "facsimile": {
            "net": {"_target_": "facsimile.models.frequency_net.FrequencyNet", **SIZES},
            "task": "detection", "name": "tiny", "data": "fakes", "coverage": 1.35,
            "image_size": 96, "crop_size": 64, "training_data": ["fakes"],
            "detector": {"_target_": "another"},
        },
    }  # fmt: skip
    torch.save(stored, tmp_path / "tiny.ckpt")
    return tmp_path / "tiny.ckpt"


@pytest.fixture
def source(tmp_path, sample_root, cut):
    """A second of video, a picture, a picture without a face and what is no picture."""
    folder = tmp_path / "input"
    folder.mkdir()
    cut(sample_root / "clips/franck.mp4", folder / "clip.mp4", 12)
    from facsimile.media.video import read_frames

    write_image(folder / "one.png", next(read_frames(folder / "clip.mp4")).image)
    write_image(folder / "grey.png", np.full((200, 200, 3), 128, np.uint8))
    (folder / "note.png").write_text("no picture")
    return folder


def detect(models_root, checkpoint, source, output, *overrides):
    paths = [f"paths.models={models_root}", f"checkpoint={checkpoint}"]
    return main(["detect", *paths, f"input={source}", f"output={output}", *overrides])


@pytest.fixture
def result(models_root, checkpoint, source, tmp_path):
    output = tmp_path / "result"
    assert detect(models_root, checkpoint, source, output, "detect.frames=5", "detect.maps=2") == 0
    return output


def test_every_file_is_told_of(result, source, checkpoint, capsys):
    told = json.loads((result / "detect.json").read_text())
    files = {one["path"]: one for one in told["files"]}
    assert set(files) == {"clip.mp4", "one.png", "grey.png", "note.png"}
    for name, one in files.items():
        assert one["sha256"] == sha256((source / name).read_bytes()).hexdigest()
    assert told["model"]["sha256"] == sha256(checkpoint.read_bytes()).hexdigest()
    assert files["grey.png"]["score"] is None and "no face" in files["grey.png"]["problem"]
    assert files["note.png"]["score"] is None and files["note.png"]["problem"]
    frames = files["clip.mp4"]["frames"]
    assert [frame["frame"] for frame in frames] == [0, 3, 6, 8, 11]
    assert frames[1]["time"] == pytest.approx(3 / 25, abs=0.01)
    scores = [frame["score"] for frame in frames]
    assert files["clip.mp4"]["score"] == pytest.approx(np.mean(scores))
    assert min(scores) > 0 and max(scores) < 1
    assert frames[0]["score"] == pytest.approx(files["one.png"]["score"], abs=1e-6)


def test_faces_are_seen_as_in_training(result, source, models_root, checkpoint):
    from facsimile.faces.crop import crop_face
    from facsimile.faces.yunet import YuNet

    image = read_image(source / "one.png")
    finder = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx", 0.6, 640)
    crop = crop_face(image, finder(image)[0], 96, 1.35).image
    small = cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA)
    net = FrequencyNet(**SIZES)
    stored = torch.load(checkpoint, weights_only=True)["state_dict"]
    net.load_state_dict({key.removeprefix("net."): value for key, value in stored.items()})
    with torch.inference_mode():
        faces = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
        wanted = float(net.eval()(faces).sigmoid())
    told = json.loads((result / "detect.json").read_text())
    [own] = [one["score"] for one in told["files"] if one["path"] == "one.png"]
    assert own == pytest.approx(wanted, abs=1e-5)


def test_heat_maps_are_signed_as_an_analysis_of_the_highest_scores(result):
    maps = sorted((result / "maps").iterdir())
    assert len([path for path in maps if path.name.startswith("clip")]) == 2
    assert len([path for path in maps if path.name.startswith("one")]) == 1
    found = read(maps[0])
    assert found.status == "valid"
    [synthesis] = [a["data"] for a in found.manifest["assertions"] if "synthesis" in a["label"]]
    assert synthesis["synthetic"] is False and synthesis["kind"] == "detection"
    assert "heat map" in synthesis["description"]
    assert read_image(maps[0]).shape == (256, 512, 3)


def test_the_page_needs_nothing_else_and_says_what_it_is(result):
    page = (result / "index.html").read_text()
    assert 'src="data:image' in page and "http" not in page.replace("http-equiv", "")
    assert "It is no proof" in page and "clip.mp4" in page and "grey.png" in page


def test_the_same_input_gives_the_same_scores_again(result, models_root, checkpoint, source):
    before = (result / "detect.json").read_bytes()
    page = (result / "index.html").read_bytes()
    again = ["detect.frames=5", "detect.maps=2"]
    assert detect(models_root, checkpoint, source, result, *again) == 0
    assert (result / "detect.json").read_bytes() == before
    assert (result / "index.html").read_bytes() == page


def test_one_file_and_another_detector_are_fine(models_root, checkpoint, source, tmp_path, capsys):
    assert detect(models_root, checkpoint, source / "one.png", tmp_path / "one") == 0
    told = capsys.readouterr()
    assert "found otherwise" in told.err and "one.png: 0." in told.out


def test_what_is_not_ours_is_not_replaced(models_root, checkpoint, source, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    assert detect(models_root, checkpoint, source, tmp_path / "mine") == 2
    assert "letter.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["input=absent", "output=a", "checkpoint=b"], "there is no absent"),
        (["output=a", "checkpoint=b", "input=null"], "give input=FILE"),
        (["input=.", "checkpoint=b"], "output=FOLDER"),
        (["input=.", "output=a"], "checkpoint=FILE"),
    ],
)
def test_what_is_missing_is_asked_for(given, message, capsys):
    assert main(["detect", *given]) == 2
    assert message in capsys.readouterr().err


def test_a_checkpoint_of_another_task_is_refused(models_root, checkpoint, source, tmp_path, capsys):
    stored = torch.load(checkpoint, weights_only=True)
    stored["facsimile"]["task"] = "enhancement"
    torch.save(stored, checkpoint)
    assert detect(models_root, checkpoint, source, tmp_path / "a") == 2
    assert "detect needs a detector" in capsys.readouterr().err
    shutil.rmtree(source)
