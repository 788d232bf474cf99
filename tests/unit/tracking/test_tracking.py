import contextlib
import json
import math
import sys

import pandas as pd
import pytest

from facsimile.errors import UserError
from facsimile.tracking import Tracker


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture
def tracker(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Tracker(store)


def test_a_version_has_one_run(tracker):
    first = tracker.open_run("recipe", "v1")
    assert tracker.open_run("recipe", "v1") == first
    assert tracker.open_run("recipe", "v2") != first
    assert tracker.find_run("v1") == first
    assert tracker.find_run("unknown") is None


def test_a_child_is_not_taken_for_the_recipes_own_run(tracker):
    parent = tracker.open_run("sweep", "folder")
    child = tracker.open_run("recipe", "v3", parent)
    assert tracker.open_run("recipe", "v3") != child
    assert tracker.open_run("recipe", "v3", parent) == child


def test_metrics_settings_and_curves_are_read_back(tracker):
    run = tracker.open_run("recipe", "v4")
    tracker.log_settings(run, {"model.steps": 2}, {"seed": "1"})
    tracker.log_settings(run, {"model.steps": 2}, {"seed": "1"})
    tracker.log_metrics(run, {"test/psnr": 30.5, "test/no_swap/psnr": math.inf, "test/none": None})
    curves = pd.DataFrame({"step": [0, 10], "train/loss": [1.0, 0.5], "val/psnr": [None, 20.0]})
    tracker.log_curves(run, curves)
    data = tracker.client.get_run(run).data
    assert data.params == {"model.steps": "2"}
    assert data.tags["seed"] == "1"
    assert data.metrics == {"test/psnr": 30.5, "train/loss": 0.5, "val/psnr": 20.0}
    assert len(tracker.client.get_metric_history(run, "train/loss")) == 2


def test_curves_logged_while_training_are_not_logged_twice(tracker):
    run = tracker.open_run("recipe", "v5")
    curves = pd.DataFrame({"step": [0, 10], "train/loss": [1.0, 0.5]})
    tracker.log_curves(run, curves)
    tracker.log_curves(run, curves)
    assert len(tracker.client.get_metric_history(run, "train/loss")) == 2


def test_files_become_artifacts_and_a_run_ends(tracker, tmp_path):
    run = tracker.open_run("recipe", "v6")
    (tmp_path / "metrics.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "t.csv").write_text("a\n1\n")
    tracker.log_files(run, [tmp_path / name for name in ("metrics.json", "tables", "absent")])
    assert {a.path for a in tracker.client.list_artifacts(run)} == {"metrics.json", "tables"}
    assert not tracker.is_finished(run)
    tracker.finish(run)
    assert tracker.is_finished(run)


@pytest.mark.parametrize("uri", ["sqlite:///{}/file/mlflow.db", "./mlruns", "gopher://nowhere"])
def test_a_store_that_cannot_be_opened_is_named(uri, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="tracking_uri"):
        Tracker(uri.format(tmp_path))


def test_what_was_logged_first_stays(tracker):
    run = tracker.open_run("recipe", "v7")
    tracker.log_settings(run, {"seed": 1}, {"git.revision": "first"})
    tracker.log_settings(run, {"seed": 2}, {"git.revision": "second", "git.dirty": "True"})
    data = tracker.client.get_run(run).data
    assert data.params == {"seed": "1"}
    assert (data.tags["git.revision"], data.tags["git.dirty"]) == ("first", "True")


def test_a_file_is_logged_once(tracker, tmp_path):
    run, path = tracker.open_run("recipe", "v8"), tmp_path / "index.html"
    tracker.log_once(run, path, "report")  # not there
    assert not tracker.client.list_artifacts(run)
    path.write_text("one")
    tracker.log_once(run, path, "report")
    assert tracker.has_file(run, path, "report") and not tracker.has_file(run, path)
    path.write_text("two")
    assert not tracker.has_file(run, path, "report")


@pytest.mark.parametrize(
    ("error", "status"), [(None, "FINISHED"), (OSError, "FAILED"), (KeyboardInterrupt, "KILLED")]
)
def test_a_run_ends_as_its_block(tracker, error, status):
    run = tracker.open_run("recipe", f"v9 {status}")
    with contextlib.suppress(OSError, KeyboardInterrupt), tracker.ending(run):
        if error:
            raise error
    assert tracker.client.get_run(run).info.status == status


def test_an_exit_by_ctrl_c_is_an_interruption(tracker):
    """So Lightning ends a training."""
    run = tracker.open_run("recipe", "v10")
    with pytest.raises(SystemExit), tracker.ending(run):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            sys.exit(1)
    ended = tracker.client.get_run(run)
    assert ended.info.status == "KILLED"
    assert "KeyboardInterrupt" in ended.data.tags["interrupted"] and "error" not in ended.data.tags


def test_a_sweep_may_lie_in_a_folder_of_any_name(tracker):
    folder = "/home/o'brien/multirun/noon"
    assert tracker.open_run("sweep", folder) == tracker.open_run("sweep", folder)


def test_one_odd_name_costs_nothing_else(tracker):
    run = tracker.open_run("recipe", "v11")
    tracker.log_settings(run, {"loss.L1 (masked)": 1, "lr": 2}, {"dvc.data/a+b": "1", "seed": "3"})
    data = tracker.client.get_run(run).data
    assert data.params == {"loss.L1 _masked_": "1", "lr": "2"}
    assert (data.tags["seed"], data.tags["dvc.data/a_b"]) == ("3", "1")


def test_an_experiment_that_was_deleted_is_told_with_what_brings_it_back(store, tmp_path):
    tracker = Tracker(store, "gone")
    tracker.client.delete_experiment(tracker.experiment_id)
    with pytest.raises(UserError, match="was deleted.*restore --experiment-id"):
        Tracker(store, "gone")


def test_pictures_of_a_finished_net_are_shown_at_its_step(tracker, tmp_path):
    run = tracker.open_run("recipe", "v12")
    for name in ("frames.png", "examples_a+b.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    tracker.log_pictures(run, sorted(tmp_path.glob("*.*g")), 700)
    names = sorted(one.path for one in tracker.client.list_artifacts(run, "images"))
    assert [name.partition("+timestamp")[0] for name in names] == [
        *["images/examples_a_b+step+700"] * 2,
        *["images/frames+step+700"] * 2,
    ]
    assert tracker.tags(run)["mlflow.loggedImages"] == "True"
