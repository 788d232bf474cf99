"""What a search refuses, in words and before any trial."""

import json

import pytest

from facsimile.pipelines import train
from facsimile.pipelines.cli import main
from facsimile.pipelines.resolve import recipe_folder

RATES = "optimizer.lr=tag(log,interval(1e-4,1e-1))"


@pytest.fixture
def search(tmp_path, monkeypatch, mlflow_uri):
    """Returns the exit code; `trained` are the learning rates of its trials."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.chdir(tmp_path)

    def train_run(cfg):
        search.trained.append(cfg.optimizer.lr)
        recipe_folder(cfg).mkdir(parents=True, exist_ok=True)
        metrics = {"test/score": 1.0, "test/lr": cfg.optimizer.lr}
        (recipe_folder(cfg) / "metrics.json").write_text(json.dumps(metrics))

    def search(*overrides, trials=2):
        given = ["train", "experiment=detection_frequency", "sweep=optuna", f"output={tmp_path}/s"]
        given += [f"sweep.trials={trials}", "sweep.objective=[test/score]", RATES]
        return main([*given, "model.width=4,8,16", f"paths.root={tmp_path}", *overrides])

    search.trained = []
    monkeypatch.setattr(train, "run", train_run)
    return search


BEGUN = {
    "other settings (trainer.max_steps=7, not 1500": ["trainer.max_steps=7"],
    "other directions": ["sweep.directions=[minimize]"],
    "other objectives (test/score)": ["sweep.objective=[test/lr]"],
    "other values of model.width": ["model.width=4,8"],
    "other values of optimizer.lr": ["optimizer.lr=tag(log,interval(1e-4,1e-2))"],
    "other values of model.width:": ["model.width=4"],
}
MISTAKES = {
    "for each of": ["sweep.directions=[minimize,maximize]"],
    "sweep.trials=0: give a whole number from 1": ["sweep.trials=0"],
    "sweep.trials=many: give a whole number": ["sweep.trials=many"],
    "sweep.at_once=-1: give a whole number": ["sweep.at_once=-1"],
    "sweep.sampler.n_startup_trials=x: give": ["sweep.sampler.n_startup_trials=x"],
    "sweep.sampler cannot be built": ["+sweep.sampler.speed=3"],
    "one objective, not for 2": ["sweep.prune.metric=val/auc", "sweep.objective=[a,b]"],
    "sweep.prune.direction=up: give maximize": [
        "sweep.prune.metric=val/score", "sweep.prune.direction=up"
    ],
    "say whether less or more of it is better": ["sweep.prune.metric=val/loss"],
    "too late to end one": [
        "sweep.prune.metric=val/score", "trainer.max_steps=40", "trainer.val_check_interval=40"
    ],
    "sweep.storage=postgresql://me:…@nowhere.invalid/x cannot be used": [
        "sweep.storage='postgresql://me:secret@nowhere.invalid/x'"
    ],
    "sweep.storage=nonsense cannot be used": ["sweep.storage=nonsense"],
    "there is no setting foo": ["foo=3"],
    "there is no setting optimizer.lrr": ["optimizer.lrr=1,2"],
    "there is no optimizer=adamm: did you mean": ["optimizer=adam,adamm"],
    "give model.depth its range as a text": ["+sweep.space={model.depth:[4,8]}"],
}  # fmt: skip


@pytest.mark.long
def test_a_study_goes_on_only_as_it_was_begun(search, capsys):
    assert search(trials=1) == 0
    for told, more in BEGUN.items():
        assert search(*more, trials=2) == 2
        assert told in capsys.readouterr().err
    assert len(search.trained) == 1 and search(trials=2) == 0 and len(search.trained) == 2


@pytest.mark.long
@pytest.mark.parametrize(("told", "more"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_what_cannot_be_searched_is_told_before_any_trial(search, capsys, told, more):
    assert search(*more, trials=2) == 2
    assert told in capsys.readouterr().err and not search.trained


def test_without_a_range_there_is_nothing_to_search(tmp_path, capsys, mlflow_uri):
    given = ["train", "experiment=detection_frequency", "sweep=optuna", f"output={tmp_path}/s"]
    given += [f"logger.mlflow.tracking_uri={mlflow_uri}", f"paths.root={tmp_path}"]
    assert main(given) == 2
    assert "nothing to search" in capsys.readouterr().err
