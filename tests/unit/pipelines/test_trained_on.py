from pathlib import Path

import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir

from facsimile.pipelines.trained_on import Model, models, tracked
from facsimile.pipelines.version import data_version
from facsimile.tracking import Tracker

CONF = Path(__file__).resolve().parents[3] / "conf"
SPLITS = {"swap.parquet": {"train": 3, "test": 2}, "identity.parquet": {"val": 7}}


@pytest.fixture
def cfg(tmp_path):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"paths.root={tmp_path}"])


def described(folder, data="sample", task="swap"):
    """As `resolve` leaves a recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"data": {"name": data}, "task": {"name": task}})
    (folder / "config.yaml").write_text(text)


def checkpoint(folder, **meta):
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": {}, "facsimile": meta}, folder / "checkpoint.ckpt")


def trained_as(folder, data):
    (folder / "train").mkdir(parents=True, exist_ok=True)
    (folder / "train/version.yaml").write_text(yaml.safe_dump({"data": data}))


def found(cfg, dataset="sample", splits=SPLITS):
    return {model.name: model.how for model in models(cfg, dataset, "ann", splits)}


def test_a_checkpoint_tells_of_itself_against_what_lies_beside_it(cfg, tmp_path):
    folder = tmp_path / "experiments/a"
    described(folder, data="other", task="enhancement")
    trained_as(folder, "old")
    version = {"data": data_version(cfg)}
    checkpoint(folder, data="sample", task="swap", version=version)
    assert found(cfg) == {"experiments/a": "faces 2 in test, 3 in train"}
    assert found(cfg, "other") == {}


@pytest.mark.parametrize(
    ("task", "faces"), [("swap", "2 in test, 3 in train"), ("enhancement", "7 in val")]
)
def test_the_faces_are_those_of_the_tasks_own_table(cfg, tmp_path, task, faces):
    described(tmp_path / "experiments/a", task=task)
    assert found(cfg)["experiments/a"].startswith(f"faces {faces}")
    assert found(cfg, splits={name: {} for name in SPLITS}) == {}


def test_a_pretrained_net_saw_everybody_and_what_started_from_it_is_told(cfg, tmp_path):
    checkpoint(tmp_path / "experiments/crowd", data="sample", task="swap", pretrain=True)
    init = {"training_data": ["sample/ann", "sample/bob"]}
    checkpoint(tmp_path / "experiments/pair", data="other", task="swap", init=init)
    assert found(cfg)["experiments/crowd"].startswith("faces 7 in val")
    assert found(cfg)["experiments/pair"] == "started from a net that saw faces"
    assert "experiments/pair" not in found(cfg, "elsewhere")


@pytest.mark.parametrize("trained", [True, False])
def test_a_detection_saw_all_of_its_data_sets(cfg, tmp_path, trained):
    folder = tmp_path / "experiments/a"
    names = ["sample", "fakes"]
    if trained:
        started = {"training_data": ["first"]}
        seen = [*names, "first"]
        checkpoint(folder, data="sample", task="detection", training_data=seen, init=started)
    else:
        folder.mkdir(parents=True)
        task = {"name": "detection", "data_module": {"data": names}}
        (folder / "config.yaml").write_text(yaml.safe_dump({"data": {"name": "x"}, "task": task}))
    for name in names:
        assert list(found(cfg, name)) == ["experiments/a"]
    assert found(cfg, "first") == found(cfg, "x") == {}


@pytest.mark.parametrize(
    ("version", "told"),
    [(None, "; not known to be trained yet"), ("old", "; trained on another version of the data")],
)
def test_it_is_told_whether_it_was_trained_and_on_what(cfg, tmp_path, version, told):
    described(tmp_path / "experiments/a")
    if version:
        trained_as(tmp_path / "experiments/a", version)
    assert found(cfg)["experiments/a"].endswith(told)


def test_what_a_sweep_trained_is_found_below_its_folder(cfg, tmp_path):
    for job in (0, 1):
        checkpoint(tmp_path / f"multirun/noon/{job}", data="sample", task="swap")
    assert set(found(cfg)) == {"multirun/noon/0", "multirun/noon/1"}


def test_a_model_stands_once_however_much_of_it_is_there(cfg, tmp_path):
    folder = tmp_path / "experiments/a"
    described(folder)
    trained_as(folder, "x")
    checkpoint(folder, data="sample", task="swap")
    assert len(models(cfg, "sample", "ann", SPLITS)) == 1


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 half a zip"])
def test_a_checkpoint_that_cannot_be_read_leaves_the_word_to_the_configuration(
    cfg, tmp_path, content
):
    described(tmp_path / "experiments/a")
    (tmp_path / "experiments/a/checkpoint.ckpt").write_bytes(content)
    assert "experiments/a" in found(cfg)


def test_nothing_trained_is_nothing_found(cfg):
    assert found(cfg) == {}


def test_without_a_store_there_is_no_tracked_run_and_none_is_made(cfg, tmp_path):
    assert tracked(cfg, "sample") == []
    assert not list(tmp_path.iterdir())


def test_tracked_runs_of_the_data_set_are_found_with_their_version(cfg):
    pytest.importorskip("mlflow")
    runs = Tracker(cfg.logger.mlflow.tracking_uri, cfg.logger.mlflow.experiment_name)
    ids = {}
    for name, data, version in (
        ("now", "sample", data_version(cfg)), ("before", "sample", "old"), ("not", "other", "old")
    ):  # fmt: skip
        ids[name] = runs.open_run(name, name)
        runs.log_settings(ids[name], {"data.name": data}, {"version.data": version})
    assert sorted(tracked(cfg, "sample"), key=lambda model: model.how) == [
        Model(f"MLflow run {ids['before']}", "before; trained on another version of the data"),
        Model(f"MLflow run {ids['now']}", "now"),
    ]
