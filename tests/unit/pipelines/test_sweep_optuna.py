"""Searches, by a training that only writes its metric: what is told, pruned, and gone on with."""

import json
import math

import optuna
import pandas as pd
import pytest

from facsimile.errors import Pruned, UserError
from facsimile.pipelines import train
from facsimile.pipelines.cli import main
from facsimile.pipelines.resolve import recipe_folder
from facsimile.tracking import Tracker

EARLY = "sweep.sampler.n_startup_trials=3"  # what Optuna proposes follows from these
RATES = "optimizer.lr=tag(log,interval(1e-4,1e-1))"


def score(cfg):
    return -((math.log10(cfg.optimizer.lr) + 2.5) ** 2) - abs(cfg.model.width - 8)


def write(cfg, **metrics):
    folder = recipe_folder(cfg)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(metrics))


@pytest.fixture
def calls(monkeypatch):
    """The learning rates that were trained with; a training writes its score."""
    seen = []

    def run(cfg):
        seen.append(cfg.optimizer.lr)
        write(cfg, **{"test/score": score(cfg), "test/lr": cfg.optimizer.lr})

    monkeypatch.setattr(train, "run", run)
    return seen


@pytest.fixture
def search(tmp_path, monkeypatch, mlflow_uri):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.chdir(tmp_path)

    def run(name, *overrides, trials=6, widths="4,8,16"):
        return main(
            ["train", "experiment=detection_frequency", "sweep=optuna", f"output={tmp_path}/{name}",
             f"sweep.trials={trials}", "sweep.objective=[test/score]", RATES,
             f"model.width={widths}", f"paths.root={tmp_path}", *overrides]
        )  # fmt: skip

    return run


def parent_of(mlflow_uri, name):
    runs = Tracker(mlflow_uri)
    found = runs.client.search_runs([runs.experiment_id], f"tags.sweep = '{name}'")
    return max(found, key=lambda one: one.info.start_time)


def study(folder):
    return optuna.load_study(study_name=folder.name, storage=f"sqlite:///{folder}/study.db")


def params(folder):
    return [trial.params for trial in study(folder).trials]


@pytest.mark.long
def test_a_search_finds_better_values_than_it_began_with(search, calls, tmp_path, capsys):
    assert search("s", EARLY, trials=8, widths=8) == 0
    values = [trial.value for trial in study(tmp_path / "s").trials]
    assert len(calls) == 8 and max(values[3:]) > max(values[:3])
    table = pd.read_csv(tmp_path / "s/sweep.csv")
    assert table["test/score"].tolist() == pytest.approx(values)
    best = table["test/score"].idxmax()
    assert f"best: job {best}, test/score" in capsys.readouterr().out
    assert table["optimizer.lr"].tolist() == pytest.approx(calls)
    assert (tmp_path / "s/parallel_coordinates.png").read_bytes()[:4] == b"\x89PNG"
    assert "| test/score |" in (tmp_path / "s/table.md").read_text()


@pytest.mark.long
def test_an_interrupted_search_ends_as_if_nothing_had_happened(
    search, calls, tmp_path, monkeypatch
):
    assert search("whole", EARLY, trials=5) == 0
    undisturbed, usual = list(calls), train.run
    calls.clear()

    def stopped(cfg):
        if len(calls) == 3:
            raise KeyboardInterrupt
        usual(cfg)

    monkeypatch.setattr(train, "run", stopped)
    assert search("cut", EARLY, trials=5) == 130
    assert [trial.state.name for trial in study(tmp_path / "cut").trials][2:] == [
        "COMPLETE", "RUNNING"
    ]  # fmt: skip
    monkeypatch.setattr(train, "run", usual)
    assert search("cut", EARLY, trials=5) == 0
    assert calls == undisturbed  # the fourth with its values, and no other one twice
    assert params(tmp_path / "cut") == params(tmp_path / "whole")
    assert search("cut", EARLY, trials=5) == 0 and len(calls) == 5
    assert search("cut", EARLY, trials=6) == 0 and len(calls) == 6


def test_a_trial_that_ended_untold_is_not_done_again(search, calls, tmp_path):
    assert search("s", trials=2) == 0
    one = study(tmp_path / "s")
    one.add_trial(
        optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            params=one.trials[0].params,
            distributions=one.trials[0].distributions,
        )
    )
    record = tmp_path / "s/jobs/2.json"
    told = json.loads((tmp_path / "s/jobs/0.json").read_text()) | {"number": 2}
    record.write_text(json.dumps(told))  # of the sweep that was killed before it told the study
    assert search("s", trials=3) == 0
    assert len(calls) == 2 and study(tmp_path / "s").trials[2].value == one.trials[0].value


def test_failed_and_pruned_trials_are_told_and_the_rest_goes_on(
    search, calls, tmp_path, monkeypatch, capsys, mlflow_uri
):
    usual = train.run

    def run(cfg):
        usual(cfg)
        if len(calls) == 2:
            raise UserError("the disk is full")
        if len(calls) == 3:
            raise ZeroDivisionError("a bug")
        if len(calls) == 4:
            raise Pruned("val/auc was 0.1 at step 5")

    monkeypatch.setattr(train, "run", run)
    assert search("broken") == 2
    states = [trial.state.name for trial in study(tmp_path / "broken").trials]
    assert states == ["COMPLETE", "FAIL", "FAIL", "PRUNED", "COMPLETE", "COMPLETE"]
    told = capsys.readouterr().err
    assert "failed: the disk is full" in told and "failed: ZeroDivisionError: a bug" in told
    assert 'raise ZeroDivisionError("a bug")' in told  # where it was
    table = pd.read_csv(tmp_path / "broken/sweep.csv")
    assert table["state"].tolist() == ["done", "failed", "failed", "pruned", "done", "done"]
    assert table["test/score"].isna().tolist() == [False, True, True, True, False, False]
    runs = Tracker(mlflow_uri)
    (parent,) = runs.client.search_runs([runs.experiment_id], "tags.sweep = 'broken'")
    assert parent.info.status == "FAILED"
    assert parent.data.tags["job.1"] == "failed the disk is full"
    files = {one.path for one in runs.client.list_artifacts(parent.info.run_id)}
    assert files == {"table.md", "sweep.csv", "parallel_coordinates.png"}


def test_a_trial_without_a_metric_that_others_have_has_failed(
    search, calls, tmp_path, monkeypatch, capsys
):
    usual = train.run

    def run(cfg):
        usual(cfg)
        if len(calls) == 2:
            write(cfg, other=1.0)
        if len(calls) == 3:
            write(cfg, **{"test/score": math.nan})

    monkeypatch.setattr(train, "run", run)
    assert search("s", trials=4) == 0
    states = [trial.state.name for trial in study(tmp_path / "s").trials]
    assert states == ["COMPLETE", "FAIL", "FAIL", "COMPLETE"]
    assert "4 done" in capsys.readouterr().out


@pytest.mark.long
def test_a_misspelt_objective_is_told_after_one_trial_and_can_be_put_right(
    search, calls, tmp_path, capsys, mlflow_uri
):
    assert search("s", "sweep.objective=[test/scores]", trials=2) == 2
    assert "it has test/score" in capsys.readouterr().err and len(calls) == 1
    assert parent_of(mlflow_uri, "s").info.status == "FAILED"
    assert search("s", trials=2) == 0 and len(calls) == 2
    assert parent_of(mlflow_uri, "s").info.status == "FINISHED"


@pytest.mark.long
def test_a_command_that_is_refused_leaves_the_run_of_the_sweep_as_it_was(
    search, calls, mlflow_uri, capsys
):
    assert search("s", trials=1) == 0
    assert search("s", "trainer.max_steps=7", trials=2) == 2
    assert parent_of(mlflow_uri, "s").info.status == "FINISHED"


@pytest.mark.long
def test_a_proposal_is_written_whole(search, calls, tmp_path, monkeypatch):
    """Optuna writes a trial value by value; a kill between two must leave none."""
    usual = optuna.Trial._suggest

    def killed(self, name, distribution):
        if name == "model.width" and self.number == 1:
            raise KeyboardInterrupt
        return usual(self, name, distribution)

    monkeypatch.setattr(optuna.Trial, "_suggest", killed)
    assert search("s", trials=3) == 130
    assert [trial.number for trial in study(tmp_path / "s").trials] == [0]
    monkeypatch.setattr(optuna.Trial, "_suggest", usual)
    assert search("s", trials=3) == 0 and search("whole", trials=3) == 0
    assert params(tmp_path / "s") == params(tmp_path / "whole")


@pytest.mark.long
def test_several_objectives_are_weighed(search, calls, tmp_path, capsys):
    both = ["sweep.objective=[test/score,test/lr]", "sweep.directions=[maximize,minimize]"]
    assert search("s", *both, "sweep.at_once=2") == 0
    one = study(tmp_path / "s")
    assert [way.name for way in one.directions] == ["MAXIMIZE", "MINIMIZE"]
    front = {trial.number for trial in one.best_trials}
    marked = [line for line in (tmp_path / "s/table.md").read_text().splitlines() if " *" in line]
    assert {int(line.split()[1]) for line in marked if line.startswith("|")} == front
