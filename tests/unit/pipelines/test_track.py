"""What MLflow lacks of finished results, and of nothing else, is put there."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_dir

from facsimile.pipelines import record
from facsimile.pipelines.cli import main
from facsimile.pipelines.version import Version, measurement, training_version
from facsimile.tracking import Tracker
from facsimile.tracking.recorded import recorded, with_curves

CONF = Path(__file__).resolve().parents[3] / "conf"
NAME = "enhancement_r2unet"


@pytest.fixture
def root(tmp_path, mlflow_uri, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def recipe(root):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", [f"experiment={NAME}", f"paths.root={root}"])


def write_results(cfg, folder, version=None):
    """What `dvc repro` or its cache would leave of a training and an evaluation."""
    version = version or training_version(cfg)
    (folder / "train").mkdir(parents=True, exist_ok=True)
    (folder / "tables").mkdir(exist_ok=True)
    record.write_version(folder / "train", version)
    pd.DataFrame({"step": [0, 9], "train/loss": [2.0, 1.0]}).to_csv(
        folder / "train/curves.csv", index=False
    )
    table = record.measurement_table(measurement(cfg, version))
    table.to_parquet(folder / "tables/measurement.parquet")
    (folder / "config.yaml").write_text(yaml.safe_dump({"name": NAME}))
    (folder / "metrics.json").write_text(json.dumps({"test/psnr": 30.5, "test/images": 7}))


def track(root):
    assert main(["track", f"paths.root={root}"]) == 0
    tracker = Tracker(f"sqlite:///{root}/mlflow.db")
    return tracker, tracker.client.search_runs([tracker.experiment_id])


def names(tracker, run, below=None):
    return {file.path for file in tracker.client.list_artifacts(run.info.run_id, below)}


def test_restored_results_get_a_run_with_all_that_they_are(root, recipe):
    folder = root / "experiments" / NAME
    write_results(recipe, folder)
    (folder / "plots").mkdir()
    for name in ("examples_all.jpg", "ssim.csv"):
        (folder / "plots" / name).write_bytes(b"as it is")
    tracker, [run] = track(root)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"test/psnr": 30.5, "test/images": 7, "train/loss": 1.0}
    assert names(tracker, run) == {
        *("config.yaml", "metrics.json", "train", "tables", "plots", "images"),
    }
    shown = names(tracker, run, "images")
    assert len(shown) == 2  # as MLflow's pages ask for a picture
    assert all(f"examples_all+step+{recipe.trainer.max_steps}+" in name for name in shown)
    # `reproduce` compares curves as they were logged: these are means, and none by single steps
    assert "curves" in run.data.tags
    found = recorded(tracker, run.info.run_id)
    table = root / "experiments" / NAME / "train/curves.csv"
    assert (
        with_curves(replace(found, metrics={"test/psnr": 30.5, "test/images": 7.0}), table) == found
    )


def test_a_checkout_without_a_training_has_no_results_yet(root, capsys):
    """Git holds the figures and, in the training's folder, what it ignores there."""
    (root / "experiments" / NAME / "train").mkdir(parents=True)
    (root / "experiments" / NAME / "train/.gitignore").write_text("/previews\n")
    (root / "experiments" / NAME / "metrics.json").write_text("{}")
    tracker, runs = track(root)
    assert not runs and f"{NAME}: no results yet" in capsys.readouterr().out


def test_the_report_joins_a_complete_run_once(root, recipe, monkeypatch):
    write_results(recipe, root / "experiments" / NAME)
    track(root)
    (root / "report").mkdir()
    logged = []
    log_files = Tracker.log_files
    monkeypatch.setattr(
        Tracker, "log_files", lambda *a, **k: (logged.append(a[2]), log_files(*a, **k))
    )
    for text, expected in (("one", 1), ("one", 1), ("two", 2)):
        (root / "report/index.html").write_text(text)
        tracker, [run] = track(root)
        assert names(tracker, run, "report") == {"report/index.html"}
        assert logged == [[root / "report/index.html"]] * expected


def test_other_metrics_of_the_same_version_are_logged(root, recipe):
    folder = root / "experiments" / NAME
    write_results(recipe, folder)
    track(root)
    (folder / "metrics.json").write_text(json.dumps({"test/psnr": 31.5}))
    _, [run] = track(root)
    assert run.data.metrics["test/psnr"] == 31.5


def test_results_of_other_settings_are_not_logged_as_the_recipes(root, recipe, capsys):
    version = training_version(recipe)
    write_results(recipe, root / "experiments" / NAME, Version("x", version.data, version.code))
    _, runs = track(root)
    assert not runs and "make repro" in capsys.readouterr().out


def test_results_of_another_checkpoint_are_not_logged(root, recipe, capsys):
    folder = root / "experiments" / NAME
    write_results(recipe, folder)
    record.write_version(folder / "train", Version("a", "b", "c"))
    _, runs = track(root)
    assert not runs and "another checkpoint" in capsys.readouterr().out
