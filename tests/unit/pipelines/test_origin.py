import json
import subprocess
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.pipelines.machine import machine_differences
from facsimile.pipelines.origin import (
    dvc_hashes,
    dvc_inputs,
    inputs_of,
    is_of_this_machine,
    known_to_dvc,
    overrides,
    provenance_tags,
    run_name,
)
from facsimile.pipelines.version import Measurement, Version, training_version

CONF = Path(__file__).resolve().parents[3] / "conf"
VERSION, MEASURED = Version("a" * 64, "b" * 64, "c" * 64), Measurement("a", "b", "c")
LOCK = """schema: '2.0'
stages:
  extract@sample:
    cmd: x
    outs:
    - {path: data/faces/sample, hash: md5, md5: abc.dir}
    - {path: data/splits/sample, hash: md5, md5: fed.dir}
    - {path: data/faces/other, hash: md5, md5: def.dir}
    - {path: metrics.json}
"""


def composed(*given, recipe="enhancement_r2unet"):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"experiment={recipe}", *given])


@pytest.fixture
def root(tmp_path):
    (tmp_path / "dvc.lock").write_text(LOCK)
    study = tmp_path / "experiments/self_blended"
    study.mkdir(parents=True)
    (study / "dvc.lock").write_text(
        "stages: {faces: {outs: [{path: data/splits/self_blended, md5: 123.dir}]}}"
    )
    return tmp_path


def test_hashes_come_from_the_locks_of_pipeline_and_studies(root):
    assert dvc_hashes(root / "dvc.lock")["data/faces/sample"] == "abc.dir"
    assert dvc_hashes(root / "absent.lock") == {}
    assert known_to_dvc(root)["data/splits/self_blended"] == "123.dir"


def test_a_run_is_tagged_with_the_inputs_it_reads_and_no_others(root):
    swap, detection = (
        dvc_inputs(composed(f"paths.root={root}", recipe=recipe))
        for recipe in ("swap_df", "detection_frequency")
    )
    assert swap == {"data/faces/sample": "abc.dir", "data/splits/sample": "fed.dir"}
    assert detection == {"data/splits/self_blended": "123.dir"}


def test_each_data_set_has_its_name_its_hash_and_its_licence(root):
    training, testing = inputs_of(composed(f"paths.root={root}"), VERSION)
    assert (training["context"], testing["context"]) == ("training", "testing")
    assert training["dataset"]["name"] == "sample" and training["dataset"]["digest"] == "fed.dir"
    assert json.loads(training["dataset"]["source"]) == {"path": "data/splits/sample"}
    assert "research" in training["dataset"]["profile"]
    assert testing["dataset"]["digest"] == "not in dvc.lock"


def test_tags_outside_a_repository_are_empty_not_an_error(tmp_path):
    tags = provenance_tags(composed(f"paths.root={tmp_path}"), VERSION, MEASURED)
    assert tags["git.revision"] == "" and tags["seed"] == "1"
    assert (tags["recipe"], tags["task"]) == ("enhancement_r2unet", "enhancement")
    assert json.loads(tags["overrides"]) == ["experiment=enhancement_r2unet"]
    assert int(tags["threads"]) >= 1 and machine_differences(tags) == []
    [told] = machine_differences(tags | {"processor": "riscv64 DEFAULT"})
    assert "processor was riscv64 DEFAULT, and is" in told


def git(root, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("path", "dirty"),
    [("src/a.py", True), ("conf/new.yaml", True), ("dvc.lock", False), ("experiments/m", False)],
)
def test_dirty_is_what_decides_results_and_not_what_a_run_writes(tmp_path, path, dirty):
    for name in ("src/a.py", "dvc.lock", "experiments/m"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("stages: {}")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("stages: {made: {}}")
    cfg = composed(f"paths.root={tmp_path}")
    assert provenance_tags(cfg, VERSION, MEASURED)["git.revision"] == ""  # of other code
    tags = provenance_tags(cfg, training_version(cfg), MEASURED)
    assert len(tags["git.revision"]) == 40 == len(tags["mlflow.source.git.commit"])
    assert tags["git.dirty"] == str(dirty)


@pytest.mark.parametrize(
    "override",
    ["output=x", "+paths.data=x", "logger=server", "logger.mlflow.system_metrics=1",
     "hydra/launcher=joblib", "checkpoint=a.ckpt", "~logger"],
)  # fmt: skip
def test_where_things_lie_is_no_part_of_what_was_chosen(override):
    assert is_of_this_machine(override)


def test_a_runs_name_tells_what_was_chosen_beside_the_recipe(monkeypatch):
    cfg = composed()
    assert run_name(cfg, MEASURED) == f"enhancement_r2unet @{MEASURED.key[:6]}"
    chosen = ["experiment=enhancement_r2unet", "model.steps=3", "~degradation", "output=x"]
    monkeypatch.setattr("facsimile.pipelines.origin.overrides", lambda _: chosen[:3])
    assert run_name(cfg, MEASURED).startswith("enhancement_r2unet steps=3 ~degradation @")
    monkeypatch.setattr("facsimile.pipelines.origin.overrides", lambda _: ["model.x=" + "y" * 400])
    assert len(run_name(cfg, MEASURED)) < 120
    assert overrides(cfg) == ["experiment=enhancement_r2unet"]  # composed for another command
