"""Scores and heat maps of pictures and videos, as the command leaves them."""

import json
import re
import shutil
from hashlib import sha256

import cv2
import numpy as np
import pytest
import torch

from facsimile.media.image import read_image, write_image
from facsimile.models.frequency_net import FrequencyNet
from facsimile.pipelines import detect, detect_work
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read
from facsimile.provenance.sign import Claim, sign

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


def run_detect(models_root, checkpoint, source, output, *overrides):
    paths = [f"paths.models={models_root}", f"checkpoint={checkpoint}"]
    return main(["detect", *paths, f"input={source}", f"output={output}", *overrides])


@pytest.fixture
def result(models_root, checkpoint, source, tmp_path):
    output = tmp_path / "result"
    assert (
        run_detect(models_root, checkpoint, source, output, "detect.frames=5", "detect.maps=2") == 0
    )
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


def test_the_page_refers_to_the_signed_maps_and_says_what_it_is(result):
    page = (result / "index.html").read_text()
    told = json.loads((result / "detect.json").read_text())
    named = [f"maps/{name}" for one in told["files"] for name in one["maps"]]
    assert sorted(named) == sorted(f"maps/{path.name}" for path in (result / "maps").iterdir())
    sources = re.findall(r'<img src="([^"]+)"', page)
    assert sorted(one for one in sources if not one.startswith("data:image/png")) == sorted(named)
    assert "http" not in page.replace("http-equiv", "")
    assert "It is no proof" in page and "clip.mp4" in page and "grey.png" in page


def test_a_map_of_what_calls_itself_synthetic_says_so_too(
    models_root, checkpoint, source, tmp_path
):
    claim = Claim("swap", "", "a net", None, (), "nobody is shown")
    sign(source / "one.png", tmp_path / "fake.png", claim)
    assert run_detect(models_root, checkpoint, tmp_path / "fake.png", tmp_path / "result") == 0
    [path] = (tmp_path / "result/maps").iterdir()
    [told] = [a["data"] for a in read(path).manifest["assertions"] if "synthesis" in a["label"]]
    assert told["synthetic"] is True and told["kind"] == "detection"


def test_the_same_input_gives_the_same_scores_again(result, models_root, checkpoint, source):
    before = (result / "detect.json").read_bytes()
    page = (result / "index.html").read_bytes()
    again = ["detect.frames=5", "detect.maps=2"]
    assert run_detect(models_root, checkpoint, source, result, *again) == 0
    assert (result / "detect.json").read_bytes() == before
    assert (result / "index.html").read_bytes() == page


def test_a_killed_run_goes_on_with_the_file_it_was_at(
    result, models_root, checkpoint, source, tmp_path, monkeypatch
):
    looked, judge = [], detect_work.judge

    def killed(net, clip, *more):
        if len(looked) == 2:
            raise KeyboardInterrupt
        looked.append(clip.path.name)
        judge(net, clip, *more)

    output, settings = tmp_path / "again", ["detect.frames=5", "detect.maps=2"]
    with monkeypatch.context() as patch:
        patch.setattr(detect_work, "judge", killed)
        assert run_detect(models_root, checkpoint, source, output, *settings) == 130
    assert not output.exists()
    [work] = tmp_path.glob(".again.*.partial")
    assert list((work / "maps").iterdir())  # written as they came

    def went_on(net, clip, *more):
        looked.append(clip.path.name)
        judge(net, clip, *more)

    monkeypatch.setattr(detect_work, "judge", went_on)
    assert run_detect(models_root, checkpoint, source, output, *settings) == 0
    assert sorted(looked) == ["clip.mp4", "grey.png", "note.png", "one.png"]
    assert not list(tmp_path.glob(".again*"))
    for name in ("detect.json", "index.html"):
        assert (output / name).read_bytes() == (result / name).read_bytes()
    maps = [{path.name for path in (one / "maps").iterdir()} for one in (output, result)]
    assert maps[0] == maps[1]


def test_what_was_judged_of_another_file_of_that_name_is_judged_anew(
    models_root, checkpoint, source, tmp_path, monkeypatch
):
    def dying(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(detect, "_write", dying)
        assert run_detect(models_root, checkpoint, source / "one.png", tmp_path / "out") == 130
    write_image(source / "one.png", np.full((90, 90, 3), 9, np.uint8))
    assert run_detect(models_root, checkpoint, source / "one.png", tmp_path / "out") == 0
    told = json.loads((tmp_path / "out/detect.json").read_text())
    assert told["files"][0]["score"] is None and told["files"][0]["maps"] == []


def test_the_page_shows_the_highest_and_the_json_all(
    models_root, checkpoint, source, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(detect, "SHOWN", 1)
    assert run_detect(models_root, checkpoint, source, tmp_path / "out", "detect.frames=1") == 0
    told = json.loads((tmp_path / "out/detect.json").read_text())
    assert len(told["files"]) == 4
    page = (tmp_path / "out/index.md").read_text()
    first = max(told["files"], key=lambda one: one["score"] or -1)
    assert f"| {first['path']} |" in page and "And 3 more files" in page
    assert "grey.png" not in page and "the 1 highest are shown" in capsys.readouterr().out


def test_a_result_within_the_input_would_be_looked_at(models_root, checkpoint, source, capsys):
    assert run_detect(models_root, checkpoint, source, source / "out") == 2
    assert "lies in" in capsys.readouterr().err


def test_one_file_and_another_detector_are_fine(models_root, checkpoint, source, tmp_path, capsys):
    assert run_detect(models_root, checkpoint, source / "one.png", tmp_path / "one") == 0
    told = capsys.readouterr()
    assert "found otherwise" in told.err and "one.png: 0." in told.out


def test_what_is_not_ours_is_not_replaced(models_root, checkpoint, source, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    assert run_detect(models_root, checkpoint, source, tmp_path / "mine") == 2
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
    assert run_detect(models_root, checkpoint, source, tmp_path / "a") == 2
    assert "give one of task detection" in capsys.readouterr().err
    shutil.rmtree(source)
