"""What a training logs by step: metrics, pictures as they are, and what the machine does."""

import time
from pathlib import Path

import pytest
import torch

from facsimile.callbacks.preview import Gallery
from facsimile.tracking import Tracker, system_metrics


@pytest.fixture
def tracker(tmp_path, mlflow_uri, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Tracker(mlflow_uri, spool=tmp_path / "spool")


def test_metrics_have_their_steps(tracker):
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run)
    logger.log_metrics({"train/loss": torch.tensor(0.5), "val/psnr": float("inf")}, step=3)
    logger.log_metrics({"train/loss": 0.25}, step=4)
    logger.finalize("success")
    history = tracker.client.get_metric_history(run, "train/loss")
    assert [(one.step, one.value) for one in history] == [(4, 0.5), (5, 0.25)]
    assert "val/psnr" not in tracker.client.get_run(run).data.metrics


def test_what_is_no_number_is_told_from_its_first_step_on(tracker):
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run)
    for step, loss in enumerate((1.0, float("nan"), float("nan"), 0.5)):
        logger.log_metrics({"train/loss": loss, "epoch": step}, step)
    logger.log_metrics({"val/psnr": float("inf")}, 3)
    logger.finalize("success")
    data = tracker.client.get_run(run).data
    assert data.metrics == {"train/loss": 0.5}
    assert data.tags["not_finite"] == "val/psnr from step 4, train/loss from step 2"


def test_pictures_are_logged_byte_for_byte_where_mlflow_looks_for_pictures_by_step(
    tracker, tmp_path
):
    run, picture = tracker.open_run("recipe", "v1"), tmp_path / "step_000500.png"
    picture.write_bytes(b"signed picture")
    logger = tracker.logger(run)
    assert isinstance(logger, Gallery)
    logger.log_picture(picture, "preview", 500)
    picture.unlink()
    logger.finalize("success")
    names = sorted(one.path for one in tracker.client.list_artifacts(run, "images"))
    assert len(names) == 2
    assert all(name.startswith("images/preview+step+500+timestamp+") for name in names)
    assert [name.rpartition(".")[2] for name in names] == ["webp", "png"]
    assert names[0].endswith("+compressed.webp")
    stored = tracker.client.download_artifacts(run, names[1], str(tmp_path))
    assert Path(stored).read_bytes() == b"signed picture"
    assert tracker.tags(run)["mlflow.loggedImages"] == "True"


def test_the_machine_is_watched_until_the_training_ends(tracker, monkeypatch):
    class Fixed:
        """As MLflow's: collects, then gives the mean."""

        def collect_metrics(self):
            self.value = 40.0

        def aggregate_metrics(self):
            return {"cpu_utilization_percentage": self.value}

        def clear_metrics(self):
            self.value = None

    monkeypatch.setattr(system_metrics, "_monitors", lambda: [Fixed()])
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run, system_metrics=0.02)
    logger.log_metrics({"train/loss": 1.0}, step=1)
    time.sleep(0.3)
    logger.finalize("success")
    history = tracker.client.get_metric_history(run, "system/cpu_utilization_percentage")
    assert len(history) >= 2 and {one.value for one in history} == {40.0}
    assert [one.step for one in history] == list(range(len(history)))
    time.sleep(0.1)
    assert tracker.store.is_local and len(
        tracker.client.get_metric_history(run, "system/cpu_utilization_percentage")
    ) == len(history)


def test_mlflows_own_measures_are_there():
    values = {}
    watched = system_metrics.SystemMetrics(lambda metrics, _: values.update(metrics), 0.05)
    watched.start()
    for _ in range(100):
        if values:
            break
        time.sleep(0.05)
    watched.stop()
    assert {"system/cpu_utilization_percentage", "system/system_memory_usage_megabytes"} <= {
        *values
    }
