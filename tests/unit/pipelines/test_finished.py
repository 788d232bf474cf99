"""Trainings and sweeps that were done, or done in part, and are asked for again."""

import json
import os
import shutil

import pytest
import torch
import yaml
from tests.tiny_recipes import CONF, training

from facsimile.callbacks.history import History
from facsimile.pipelines.cli import main
from facsimile.pipelines.jobs import read_jobs
from facsimile.tracking import PARENT, Tracker


@pytest.fixture(autouse=True)
def _one_thread(in_project):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # nets as small as these would only wait for each other's
    yield
    torch.set_num_threads(threads)


def train(root, output, *overrides):
    return main(training(root, "detection_frequency", f"output={root}/{output}", *overrides))


def made(folder):
    return (folder / "checkpoint.ckpt").stat().st_mtime_ns


@pytest.mark.long
def test_a_training_that_is_finished_is_not_done_again(root, capsys):
    assert train(root, "one") == 0
    before = made(root / "one")
    assert train(root, "one") == 0
    assert made(root / "one") == before and "is finished" in capsys.readouterr().out
    assert train(root, "one", "optimizer.lr=1e-5") == 0
    other = made(root / "one")
    assert other > before
    (root / "one/metrics.json").unlink()
    assert train(root, "one", "optimizer.lr=1e-5") == 0
    assert made(root / "one") > other and (root / "one/metrics.json").is_file()


@pytest.mark.long
def test_older_metrics_than_tables_are_of_a_killed_evaluation(root):
    assert train(root, "older") == 0
    before = made(root / "older")
    os.utime(root / "older/metrics.json", (1, 1))
    assert train(root, "older") == 0
    assert made(root / "older") > before


@pytest.mark.long
def test_what_the_store_lacks_of_a_finished_training_is_recorded(root, monkeypatch):
    assert train(root, "lost") == 0
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/other.db")
    before = made(root / "lost")
    assert train(root, "lost") == 0 and made(root / "lost") == before
    runs = Tracker(f"sqlite:///{root}/other.db")
    (run,) = runs.client.search_runs([runs.experiment_id])
    metrics = json.loads((root / "lost/metrics.json").read_text())
    key = "test/self_blended/frame/accuracy"
    assert run.info.status == "FINISHED" and run.data.metrics[key] == metrics[key]


def test_a_sweep_goes_on_with_the_jobs_that_are_left(root, monkeypatch, capsys):
    sweep = ["-m", "optimizer.lr=1e-3,2e-3,3e-3", "evaluate=false", "sweep.objective=[val/loss]"]
    usual, broken = History.table, []

    def table(self):
        if len(broken) < 2 and len(read_jobs(root / "grid")) == 2:
            broken.append(True)
            raise OSError(28, "No space left on device", "curves.csv")
        return usual(self)

    monkeypatch.setattr(History, "table", table)
    assert train(root, "grid", *sweep) == 2
    told = capsys.readouterr()
    assert "job 1" in told.err and "curves.csv: No space left on device" in told.err
    assert [job.state for job in read_jobs(root / "grid")] == ["done", "failed", "done"]
    runs = Tracker(f"sqlite:///{root}/mlflow.db")
    (parent,) = runs.client.search_runs([runs.experiment_id], "tags.sweep = 'grid'")
    query = f"tags.`{PARENT}` = '{parent.info.run_id}'"
    children = {
        run.data.params["optimizer.lr"]: run
        for run in runs.client.search_runs([runs.experiment_id], query)
    }
    assert children["0.002"].info.status == "FAILED" == parent.info.status
    assert "No space left on device" in children["0.002"].data.tags["error"]

    before, broken[1:] = [made(root / f"grid/{job}") for job in (0, 2)], [True, True]
    assert train(root, "grid", *sweep) == 0
    assert [made(root / f"grid/{job}") for job in (0, 2)] == before
    assert runs.client.get_run(parent.info.run_id).info.status == "FINISHED"
    again = runs.client.search_runs([runs.experiment_id], query)
    assert len(again) == 3 and not any("error" in run.data.tags for run in again)


@pytest.mark.long
def test_a_job_that_fails_before_it_has_a_run_is_a_failed_child_until_it_has_one(root, capsys):
    def swept(rates):
        few = ["evaluate=false", "sweep.objective=[val/loss]"]
        return train(root, "early", "-m", f"optimizer.lr={rates}", *few)

    runs = Tracker(f"sqlite:///{root}/mlflow.db")

    def children():
        (parent,) = runs.client.search_runs([runs.experiment_id], "tags.sweep = 'early'")
        query = f"tags.`{PARENT}` = '{parent.info.run_id}'"
        found = runs.client.search_runs([runs.experiment_id], query)
        return {run.data.params["optimizer.lr"]: run for run in found}

    for _ in range(2):  # found again, not made twice
        assert swept("1e-3,fast") == 2
        assert {*children()} == {"0.001", "fast"}
    failed = children()["fast"]
    assert failed.info.status == "FAILED" and "give a number" in failed.data.tags["error"]
    assert failed.data.tags["task"] == "detection" and "lr=fast" in failed.info.run_name
    assert read_jobs(root / "early")[1].run == failed.info.run_id
    assert swept("1e-3,2e-3") == 0
    assert {key: run.info.status for key, run in children().items()} == {
        "0.001": "FINISHED", "0.002": "FINISHED"
    }  # fmt: skip


@pytest.mark.long
def test_a_trial_is_pruned_and_leaves_nothing_to_resume_from(root, capsys):
    search = ["sweep=optuna", "optimizer.lr=1e-2,1e-9", "sweep.trials=5", "evaluate=false"]
    search += ["sweep.objective=[val/loss]", "sweep.directions=[minimize]"]
    search += ["sweep.prune.metric=val/loss", "sweep.pruner.n_startup_trials=1"]
    assert train(root, "pruned", *search) == 0
    states = [job.state for job in read_jobs(root / "pruned")]
    assert {*states} == {"done", "pruned"}
    assert not [*(root / "pruned").glob(".*.partial")]
    runs = Tracker(f"sqlite:///{root}/mlflow.db")
    one = next(job for job in read_jobs(root / "pruned") if job.state == "pruned")
    run = runs.client.get_run(one.run)
    assert run.info.status == "KILLED" and run.data.tags["pruned"].startswith("val/loss was")


@pytest.mark.long
def test_a_job_becomes_a_recipe_that_composes_to_the_same(root, tmp_path, monkeypatch, capsys):
    conf = tmp_path / "conf"

    shutil.copytree(CONF, conf, symlinks=False)
    monkeypatch.chdir(tmp_path)
    chosen = ["-m", "optimizer=adam,adamw", "callbacks.ema=null", "evaluate=false"]
    chosen += ["+optimizer.eps=1e-7", "sweep.objective=[val/loss]"]
    assert train(root, "chosen", *chosen) == 0
    run = read_jobs(root / "chosen")[0].run
    promote = ["promote", f"run={run}", "name=my_recipe"]
    capsys.readouterr()
    assert main(promote) == 0
    assert "my_recipe: {data: self_blended}" in capsys.readouterr().out
    text = yaml.safe_load((conf / "experiment/my_recipe.yaml").read_text())
    assert text["defaults"] == ["detection_frequency", {"override /optimizer": "adam"}, "_self_"]
    assert not {"output", "paths", "sweep", "evaluate", "logger"} & text.keys()
    assert main(["resolve", "experiment=my_recipe", f"output={tmp_path}/out"]) == 0
    ours = yaml.safe_load((tmp_path / "out/config.yaml").read_text())
    theirs = yaml.safe_load((root / "chosen/0/config.yaml").read_text())
    assert ours.pop("name") == "my_recipe" and theirs.pop("name") == "detection_frequency"
    assert ours == theirs

    assert main(promote) == 2 and "experiment=my_recipe already" in capsys.readouterr().err
    assert main([*promote[:2], "name=../x"]) == 2 and "small letters" in capsys.readouterr().err
    assert main(["promote", "run=nonsense", "name=x"]) == 2
    optimizer = conf / "optimizer/adam.yaml"
    optimizer.write_text(optimizer.read_text().replace("lr:", "weight_decay: 0.5\nlr:"))
    other = [*promote[:2], "name=changed"]
    assert main(other) == 2 and "optimizer.weight_decay=0.5" in capsys.readouterr().err
    assert not (conf / "experiment/changed.yaml").exists()
    assert main([*other, "force=true"]) == 0 and (conf / "experiment/changed.yaml").is_file()
