"""What `facsimile reproduce` refuses, compares and says; the rerun itself is stood in for."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
import yaml

from facsimile.pipelines import reproduce
from facsimile.pipelines.cli import main
from facsimile.tracking import Tracker
from facsimile.tracking.recorded import recorded

CONFIG = {"name": "recipe", "seed": 1, "model": {"_target_": "facsimile.models.r2unet.R2UNet"}}
TAGS = {"git.revision": "a" * 40, "git.dirty": "False", "overrides": '["experiment=recipe"]'}


@pytest.fixture
def tracker(tmp_path, mlflow_uri, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    return Tracker(mlflow_uri)


@pytest.fixture
def logged(tracker, tmp_path):
    """Logs a run; returns its id."""

    def log(status="FINISHED", **tags):
        run = tracker.open_run("recipe", "v1")
        tracker.log_settings(run, {}, TAGS | tags)
        tracker.log_metrics(run, {"test/psnr": 30.0, "system/cpu": 50.0})
        logger = tracker.logger(run)
        for step in (4, 9):
            logger.log_metrics({"train/loss": 1 / step}, step - 1)  # as Lightning counts
        logger.finalize("success")
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG))
        tracker.log_files(run, [tmp_path / "config.yaml"])
        tracker.finish(run, status)
        return run

    return log


class Rerun(reproduce.Rerun):
    """Composes what it is told to, and logs `metrics`."""

    config_text, metrics, trained = yaml.safe_dump(CONFIG), None, 0

    def __init__(self, source, root, folder, overrides, tags):
        Rerun.overrides = overrides

    def config(self):
        return Rerun.config_text

    def train(self):
        Rerun.trained += 1

    def recorded(self):
        return replace(Rerun.run, metrics=Rerun.metrics)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    @contextmanager
    def checked_out(root, revision, folder):
        yield folder

    monkeypatch.setattr(reproduce, "checked_out", checked_out)
    monkeypatch.setattr(reproduce, "environment_differences", lambda *_: [])
    monkeypatch.setattr(reproduce, "give_data", lambda *_: "the data is as it was")
    monkeypatch.setattr(reproduce, "Rerun", Rerun)
    monkeypatch.setattr(Rerun, "config_text", yaml.safe_dump(CONFIG))
    monkeypatch.setattr(Rerun, "trained", 0)


def run(tracker, run_id, tmp_path, *more, metrics=None):
    Rerun.run = recorded(tracker, run_id)
    Rerun.metrics = metrics or Rerun.run.metrics
    try:
        code = main(["reproduce", f"run={run_id}", f"paths.root={tmp_path}", *more])
    except SystemExit as ended:
        code = ended.code
    [path] = [*tmp_path.glob("work/reproduce-*/reproduce.json")] or [None]
    return code, path and json.loads(path.read_text())


def test_identical_metrics_end_with_0(tracker, logged, tmp_path, capsys):
    code, told = run(tracker, logged(), tmp_path)
    assert code == 0 and told["identical"] and told["compared"] == {"test": 1, "train": 2}
    assert "identical" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "work").rglob("*")].count("reproduce.json") == 1
    assert not [*(tmp_path / "work").rglob(".rerun-*")]


@pytest.mark.parametrize(
    ("metrics", "given"), [({}, "evaluate=true"), ({"val/psnr@1": 2.0}, "evaluate=false")]
)
def test_what_was_measured_is_measured_again(
    tracker, logged, tmp_path, monkeypatch, metrics, given
):
    """`dvc repro` trains with evaluate=false, and another stage measures."""
    run_id = logged(overrides='["experiment=recipe", "evaluate=false", "seed=2"]')
    found = recorded(tracker, run_id)
    monkeypatch.setattr(
        "facsimile.tracking.recorded.recorded",
        lambda *_: replace(found, metrics=metrics or found.metrics),
    )
    run(tracker, run_id, tmp_path)
    assert Rerun.overrides == ["experiment=recipe", "seed=2", given]


def test_another_machine_is_told_and_does_not_stop_it(tracker, logged, tmp_path, capsys):
    code, told = run(tracker, logged(processor="riscv64 DEFAULT"), tmp_path)
    assert code == 0 and "riscv64" in told["notes"][0] and "riscv64" in capsys.readouterr().out


def test_one_other_step_of_a_curve_ends_with_1(tracker, logged, tmp_path, capsys):
    metrics = {"test/psnr": 30.0, "train/loss@4": 0.25, "train/loss@9": 0.12}
    code, told = run(tracker, logged(), tmp_path, metrics=metrics)
    assert code == 1 and told["different"] == {"train/loss@9": [1 / 9, 0.12]}
    assert "NOT identical" in capsys.readouterr().out


def test_a_configuration_that_the_commit_does_not_compose_is_not_run(
    tracker, logged, tmp_path, monkeypatch, capsys
):
    """Somebody who can write to the server puts other code into the logged configuration."""
    own = CONFIG | {"model": {"_target_": "os.system"}}
    monkeypatch.setattr(Rerun, "config_text", yaml.safe_dump(own))
    code, _ = run(tracker, logged(), tmp_path)
    assert code == 2 and Rerun.trained == 0
    assert "model differ" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({"git.dirty": "True"}, "not committed"),
        ({"git.revision": "main; rm -rf ~"}, "commit"),
        ({"git.revision": "HEAD"}, "commit"),
        ({"overrides": '["--config-dir=/tmp/evil"]'}, "more than settings"),
        ({"overrides": '["hydra.searchpath=[file:///tmp/evil]"]'}, "more than settings"),
        ({"overrides": '{"a": 1}'}, "more than settings"),
    ],
)
def test_what_cannot_be_rerun_is_refused(tracker, logged, tmp_path, capsys, tags, named):
    code, told = run(tracker, logged(**tags), tmp_path)
    assert code == 2 and told is None and Rerun.trained == 0
    assert named in capsys.readouterr().err


def test_an_unfinished_run_is_not_rerun(tracker, logged, tmp_path, capsys):
    code, _ = run(tracker, logged("FAILED"), tmp_path)
    assert code == 2 and "FAILED" in capsys.readouterr().err


def test_by_force_what_is_doubtful_is_rerun_and_told(tracker, logged, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "environment_differences", lambda *_: ["numpy 2 instead of 1"])
    run_id = logged(**{"git.dirty": "True"})
    assert run(tracker, run_id, tmp_path)[0] == 2
    code, told = run(tracker, run_id, tmp_path, "force=true")
    assert code == 0 and len(told["notes"]) == 2 and "numpy 2 instead of 1" in told["notes"][1]


@pytest.mark.parametrize("given", [[], ["run=0123"]])
def test_a_run_has_to_be_given_and_there(tracker, tmp_path, capsys, given):
    assert main(["reproduce", f"paths.root={tmp_path}", *given]) == 2
    assert "run=" in capsys.readouterr().err
