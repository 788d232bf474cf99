import os
from dataclasses import replace
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.data.batching import Batch
from facsimile.data.inventory import Stamps
from facsimile.data.records import Annotation, Clip
from facsimile.pipelines import extract_key
from facsimile.pipelines.extract_key import batch_key, extract_settings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def settings(model):
    """The settings with these overrides."""

    def make(*overrides):
        with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
            return extract_settings(compose("config", [f"detector.model={model}", *overrides]))

    return make


@pytest.fixture
def batch(tmp_path):
    clips = [Clip(tmp_path / f"raw/{name}.mp4", "set", name, "", "video") for name in "ab"]
    for clip in clips:
        clip.path.parent.mkdir(exist_ok=True)
        clip.path.write_bytes(clip.clip.encode())
        os.utime(clip.path, (1, 1))
    return Batch("a", tuple((clip,) for clip in clips))


def key_of(batch, settings, tmp_path):
    return batch_key(settings, batch, Stamps(tmp_path / "raw", {}, 0))


def test_settings_are_those_of_the_configuration(settings):
    made = settings("data.frames=7", "data.shards=true", "params.extract.every=5")
    assert (made.frames, made.shards, made.every, made.size) == (7, True, 5, 128)
    assert made.coverage == 1.35 and made.time_limit == 3600
    assert settings("params.extract.time_limit=null").time_limit is None


def test_what_decides_the_result_changes_the_key_and_nothing_else_does(settings):
    decides = [
        *("params.extract.image_size=64", "params.extract.every=2", "params.extract.time_limit=7"),
        *("data.frames=3", "data.shards=true", "detector.score_threshold=0.5"),
    ]
    before = settings().key
    assert len({before, *(settings(one).key for one in decides)}) == 1 + len(decides)
    for one in ("executor=ray", "executor.workers=7", "params.select.min_size=1", "output=x"):
        assert settings(one).key == before


def test_how_pictures_are_fitted_changes_the_key(settings):
    plain = settings()
    assert settings("+data.resize=none", "+data.colour=rgb").key == plain.key
    fitted = settings("+data.resize=fit", "+data.height=64")
    assert fitted.key != plain.key
    assert (fitted.fitting.resize, fitted.fitting.height) == ("fit", 64)
    assert settings("+data.colour=grey").key not in (plain.key, fitted.key)
    given = settings("+data.colour=grey", "input=/x")
    assert not given.fitting.changes


def test_a_model_is_known_by_what_it_holds_wherever_it_lies(settings, model):
    before = settings().key
    elsewhere = model.rename(model.with_name("moved.onnx"))
    assert settings(f"detector.model={elsewhere}").key == before
    elsewhere.write_bytes(b"other weights")
    assert settings(f"detector.model={elsewhere}").key != before


def test_other_code_and_other_libraries_change_the_key(settings, monkeypatch, tmp_path):
    before = settings().key
    with monkeypatch.context() as patched:
        patched.setattr(extract_key, "_versions", lambda: {"av": "0"})
        assert settings().key != before
    (tmp_path / "code.py").write_text("pass")
    monkeypatch.setattr(extract_key, "_code", lambda: [tmp_path / "code.py"])
    assert settings().key != before


def test_all_code_that_decides_is_there():
    code = list(extract_key._code())
    assert all(path.is_file() for path in code)
    assert {"jobs.py", "journal.py", "yunet.py", "video.py"} <= {path.name for path in code}


def test_a_batch_s_key_follows_its_files(settings, batch, tmp_path):
    made = settings()
    before = key_of(batch, made, tmp_path)
    assert key_of(batch, made, tmp_path) == before
    os.utime(batch.groups[1][0].path, (2, 2))
    touched = key_of(batch, made, tmp_path)
    assert touched != before
    batch.groups[1][0].path.unlink()
    assert key_of(batch, made, tmp_path) not in (before, touched)


def test_a_batch_s_key_follows_what_its_data_set_says(settings, batch, tmp_path):
    first, second = (group[0] for group in batch.groups)
    marked = (Annotation((1.0, 2.0, 3.0, 4.0), 1),)
    changes = ({}, {"label": 1}, {"subject": "ann"}, {"official": "test"}, {"annotations": marked})
    made = settings()
    keys = {
        key_of(Batch("a", ((first,), (replace(second, **change),))), made, tmp_path)
        for change in changes
    }
    assert len(keys) == len(changes)


def test_a_batch_s_key_does_not_depend_on_the_place_of_the_data(settings, batch, tmp_path):
    made = settings()
    before = key_of(batch, made, tmp_path)
    (tmp_path / "raw").rename(tmp_path / "moved")
    moved = tuple(
        (replace(group[0], path=tmp_path / "moved" / group[0].path.name),) for group in batch.groups
    )
    stamps = Stamps(tmp_path / "moved", {}, 0)
    assert batch_key(made, Batch("a", moved), stamps) == before
