import subprocess
import sys
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from facsimile.pipelines.imports import PLUMBING
from facsimile.pipelines.record import flatten, read_version, write_version
from facsimile.pipelines.version import (
    PACKAGE,
    Version,
    code_files,
    measurement,
    measuring_files,
    mismatch,
    training_config,
    training_version,
    version_of,
)

CONF = Path(__file__).resolve().parents[3] / "conf"


def composed(*overrides, recipe="enhancement_r2unet"):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"experiment={recipe}", *overrides])


def test_the_key_changes_with_each_part():
    base = Version("a", "b", "c")
    others = [Version("x", "b", "c"), Version("a", "x", "c"), Version("a", "b", "x")]
    assert len({base.key, *(other.key for other in others)}) == 4


def test_another_rate_is_another_config_and_another_logger_is_not():
    base = training_config(composed())
    assert training_config(composed("optimizer.lr=0.5")) != base
    assert training_config(composed("logger.mlflow.tracking_uri=sqlite:///other.db")) == base


def test_another_starting_net_is_another_config_and_its_place_is_not(tmp_path):
    checkpoints = [tmp_path / name for name in ("a.ckpt", "copy.ckpt", "b.ckpt")]
    for path, content in zip(checkpoints, (b"net", b"net", b"other net"), strict=True):
        path.write_bytes(content)
    a, copy, b = (training_config(composed(f"init={path}")) for path in checkpoints)
    assert a == copy
    assert training_config(composed()) != a != b
    assert training_config(composed(f"init={checkpoints[0]}", "renew=[]")) != a


def test_another_net_that_draws_the_masks_is_another_config_and_its_place_is_not(tmp_path):
    checkpoints = [tmp_path / name for name in ("a.ckpt", "copy.ckpt", "b.ckpt")]
    for path, content in zip(checkpoints, (b"net", b"net", b"other net"), strict=True):
        path.write_bytes(content)
    key = "task.data_module.mask.net.checkpoint"
    a, copy, b = (
        training_config(composed("task/mask=learned", f"{key}={path}", recipe="swap_df"))
        for path in checkpoints
    )
    assert a == copy != b
    assert str(tmp_path) not in str(a)


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


def test_flatten_keeps_every_leaf():
    assert flatten({"a": {"b": {"c": 1}}, "d": [1, 2]}) == {"a.b.c": 1, "d": [1, 2]}


@pytest.mark.parametrize("key", ["config", "data", "code"])
def test_a_version_names_its_parts(key):
    assert len(getattr(training_version(composed()), key)) == 64


def test_another_look_is_another_run_of_the_same_training():
    version = Version("a", "b", "c")
    looks = [[], ["render=wide"], ["detector.score_threshold=0.9"], ["render/mask=ellipse"]]
    looks += [["evaluation.identity_every=1"]]
    configs = [composed(*overrides, recipe="swap_df") for overrides in looks]
    keys = [measurement(cfg, version).key for cfg in configs]
    assert len(set(keys)) == 4 and keys[1] == keys[3]  # wide is the ellipse
    assert len({training_version(cfg).key for cfg in configs}) == 1
    assert measurement(configs[0], Version("x", "b", "c")).key != keys[0]


def test_how_clips_are_rendered_is_nothing_to_an_enhancement():
    version = Version("a", "b", "c")
    assert measurement(composed("render=wide"), version) == measurement(composed(), version)


@pytest.mark.parametrize("key", ["source", "licence", "consent", "citation"])
def test_another_wording_of_the_data_sets_text_trains_no_other_net(key):
    base = training_config(composed())
    assert training_config(composed(f"data.{key}=other")) == base
    assert "sources" not in base["data"] and base["data"]["name"] == "sample"


def test_in_what_a_checkpoint_differs_is_said(tmp_path):
    cfg = composed(f"paths.root={tmp_path}")
    version = training_version(cfg)
    assert mismatch(cfg, version) is None
    assert "settings" in mismatch(composed(f"paths.root={tmp_path}", "seed=7"), version)
    folder = tmp_path / "data/splits/sample"
    folder.mkdir(parents=True)
    (folder / "identity.parquet").write_bytes(b"other people")
    assert "data" in mismatch(cfg, version)


@pytest.mark.parametrize("meta", [{}, {"version": {"config": "a"}}, {"version": "abc"}])
def test_a_checkpoint_that_states_no_version_has_none(meta):
    assert version_of(meta) is None


def code_of(recipe):
    return {path.relative_to(PACKAGE).as_posix() for path in code_files(composed(recipe=recipe))}


def test_the_code_of_a_training_is_what_it_runs_through_and_no_more():
    swap, enhancement = code_of("swap_df"), code_of("enhancement_r2unet")
    assert {"faces/masks.py", "media/image.py", "inference/precision.py"} <= swap
    assert {"data/swap.py", "losses/swap.py", "models/df_autoencoder.py"} <= swap - enhancement
    assert {"data/enhancement.py", "degradations/shadow.py"} <= enhancement - swap
    others = {"data/dfdc.py", "data/sample.py", "pipelines/evaluate.py", "data/extraction.py"}
    assert not others & (swap | enhancement)


def test_the_code_of_a_measurement_is_what_tests_run_through_and_no_more():
    measuring = {path.relative_to(PACKAGE).as_posix() for path in measuring_files()}
    assert {"data/detection.py", "data/shown.py", "data/spacing.py"} <= measuring
    assert {"degradations/jpeg.py", "evaluation/detection.py", "models/meso4.py"} <= measuring
    others = {"data/dfdc.py", "data/sample.py", "data/extraction.py", "tasks/detection.py"}
    assert not others & measuring


LOADED = """
import sys
from hydra import compose, initialize_config_dir
from hydra.utils import get_class, instantiate
import facsimile.pipelines.train as train
from facsimile.inference import precision
with initialize_config_dir(sys.argv[1], version_base="1.3"):
    cfg = compose("config", [f"experiment={sys.argv[2]}"])
train.build_task(cfg)
train.build_callbacks(cfg, __import__("pathlib").Path("."), {})
get_class(cfg.task.data_module._target_)
print(*(name for name in sys.modules if name.startswith("facsimile")))
"""


@pytest.mark.parametrize(
    "recipe", ["swap_df", pytest.param("enhancement_r2unet", marks=pytest.mark.long)]
)
def test_all_that_python_loads_to_train_is_in_the_version(recipe):
    """The interpreter is the oracle for what is read from the sources."""
    command = [sys.executable, "-c", LOADED, str(CONF), recipe]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    loaded = {name.replace(".", "/") for name in set(done.stdout.split()) - PLUMBING}
    files = {f"{name.removeprefix('facsimile/')}.py" for name in loaded}
    packages = {name for name in files if not (PACKAGE / name).is_file()}
    assert files - packages - code_of(recipe) == set()
    assert {"losses/dssim.py", "pipelines/train.py"} <= files
