from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.pipelines.record import flatten, read_version, write_version
from facsimile.pipelines.version import (
    Version,
    dvc_hashes,
    provenance_tags,
    training_config,
    training_version,
)

CONF = Path(__file__).resolve().parents[3] / "conf"


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", ["experiment=enhancement_r2unet", *overrides])


def test_the_key_changes_with_each_part():
    base = Version("a", "b", "c")
    others = [Version("x", "b", "c"), Version("a", "x", "c"), Version("a", "b", "x")]
    assert len({base.key, *(other.key for other in others)}) == 4


def test_another_rate_is_another_config_and_another_logger_is_not():
    base = training_config(composed())
    assert training_config(composed("optimizer.lr=0.5")) != base
    assert training_config(composed("logger.mlflow.tracking_uri=sqlite:///other.db")) == base


def test_the_machines_folder_is_no_part_of_the_version(tmp_path):
    here, there = composed("paths.root=."), composed(f"paths.root={tmp_path}")
    assert training_config(here) == training_config(there)


def test_other_manifests_are_another_data_version(tmp_path):
    cfg = composed(f"paths.root={tmp_path}")
    folder = tmp_path / "data/splits/sample"
    folder.mkdir(parents=True)
    keys = set()
    for content in (b"one", b"two"):
        (folder / "identity.parquet").write_bytes(content)
        keys.add(training_version(cfg).key)
    assert len(keys) == 2


def test_a_version_is_read_back(tmp_path):
    (tmp_path / "train").mkdir()
    version = Version("a", "b", "c")
    write_version(tmp_path / "train", version)
    assert read_version(tmp_path) == version


def test_dvc_hashes_come_from_the_lock(tmp_path):
    lock = tmp_path / "dvc.lock"
    lock.write_text(
        "schema: '2.0'\nstages:\n  extract@sample:\n    cmd: x\n    outs:\n"
        "    - {path: data/faces/sample, hash: md5, md5: abc.dir}\n"
        "    - {path: data/faces/other, hash: md5, md5: def.dir}\n"
    )
    assert dvc_hashes(lock, "/sample") == {"data/faces/sample": "abc.dir"}
    assert dvc_hashes(tmp_path / "absent.lock") == {}


def test_tags_outside_a_repository_are_empty_not_an_error(tmp_path):
    tags = provenance_tags(composed(f"paths.root={tmp_path}"), Version("a", "b", "c"))
    assert tags["git.revision"] == ""
    assert tags["seed"] == "1"


def test_flatten_keeps_every_leaf():
    assert flatten({"a": {"b": {"c": 1}}, "d": [1, 2]}) == {"a.b.c": 1, "d": [1, 2]}


@pytest.mark.parametrize("key", ["config", "data", "code"])
def test_a_version_names_its_parts(key):
    assert len(getattr(training_version(composed()), key)) == 64
