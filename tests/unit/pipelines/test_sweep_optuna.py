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


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """One for all: to make it takes longer than a search."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture
def search(tmp_path, monkeypatch, database):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", database)
    monkeypatch.chdir(tmp_path)

    def run(name, *overrides, trials=6, widths="4,8,16"):
        return main(
            ["train", "experiment=detection_frequency", "sweep=optuna", f"output={tmp_path}/{name}",
             f"sweep.trials={trials}", "sweep.objective=[test/score]", RATES,
             f"model.width={widths}", f"paths.root={tmp_path}", *overrides]
        )  # fmt: skip

    return run


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
    search, calls, tmp_path, monkeypatch, capsys, database
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
    runs = Tracker(database)
    (parent,) = runs.client.search_runs([runs.experiment_id], "tags.sweep = 'broken'")
    assert parent.info.status == "FAILED"
    assert parent.data.tags["job.1"] == "failed the disk is full"
    files = {one.path for one in runs.client.list_artifacts(parent.info.run_id)}
    assert files == {"table.md", "sweep.csv", "parallel_coordinates.png"}


@pytest.mark.long
def test_several_objectives_are_weighed(search, calls, tmp_path, capsys):
    both = ["sweep.objective=[test/score,test/lr]", "sweep.directions=[maximize,minimize]"]
    assert search("s", *both, "sweep.at_once=2") == 0
    one = study(tmp_path / "s")
    assert [way.name for way in one.directions] == ["MAXIMIZE", "MINIMIZE"]
    front = {trial.number for trial in one.best_trials}
    marked = [line for line in (tmp_path / "s/table.md").read_text().splitlines() if " *" in line]
    assert {int(line.split()[1]) for line in marked if line.startswith("|")} == front


MISTAKES = {
    "other settings (trainer.max_steps=7)": ["trainer.max_steps=7"],
    "other directions": ["sweep.directions=[minimize]"],
    "for each of": ["sweep.directions=[minimize,maximize]"],
    "it has test/score": ["sweep.objective=[test/scores]"],
    "at least 1": ["sweep.trials=0"],
    "one objective, not for 2": ["sweep.prune.metric=val/auc", "sweep.objective=[a,b]"],
    "sweep.storage=nonsense cannot be used": ["sweep.storage=nonsense"],
}


@pytest.mark.long
def test_what_does_not_fit_is_told(search, calls, capsys):
    assert search("s", trials=1) == 0
    for told, more in MISTAKES.items():
        trials = [one for one in more if "trials" in one] or ["sweep.trials=2"]
        assert search("s", *more, *trials) == 2
        assert told in capsys.readouterr().err
    assert search("s", trials=2, widths="4,8") == 2
    assert "other values of model.width" in capsys.readouterr().err


def test_without_a_range_there_is_nothing_to_search(tmp_path, capsys, database):
    given = ["train", "experiment=detection_frequency", "sweep=optuna", f"output={tmp_path}/s"]
    given += [f"logger.mlflow.tracking_uri={database}", f"paths.root={tmp_path}"]
    assert main(given) == 2
    assert "nothing to search" in capsys.readouterr().err
