"""Who is pruned, by a study of two finished trials and one that goes on."""

import optuna
import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines.objectives import Objective
from facsimile.pipelines.pruning import Reporter, check_pruning
from facsimile.pipelines.study_storage import open_study


def cfg(objective="test/all/psnr", way="maximize", interval=10, **prune):
    return OmegaConf.create(
        {
            "trainer": {"max_steps": 20, "val_check_interval": interval},
            "task": {"name": "enhancement"},
            "logger": {"mlflow": {"best": {}}},
            "sweep": {
                "objective": [objective],
                "directions": [way],
                "storage": None,
                "prune": {"metric": "val/psnr", "direction": None} | prune,
                "pruner": {"_target_": "optuna.pruners.MedianPruner", "n_startup_trials": 2},
            },
        }
    )


@pytest.mark.parametrize(
    ("prune", "value", "pruned"),
    [
        ({}, 1.0, True),
        ({}, 3.0, False),
        ({}, float("nan"), True),
        ({"metric": "val/loss", "direction": "minimize"}, 3.0, True),
        ({"metric": "val/loss", "direction": "minimize"}, 1.0, False),
    ],
)
def test_who_is_worse_than_the_median_is_pruned(tmp_path, prune, value, pruned):
    settings = cfg(**prune)
    study = open_study(settings, tmp_path)
    for _ in range(2):
        study.ask()
    for number in range(2):
        Reporter(settings, tmp_path, number)(2.0, 10)
        study.tell(number, 30.0)
    study.ask()
    assert Reporter(settings, tmp_path, 2)(value, 10) is pruned


def test_a_report_that_is_not_taken_ends_no_trial(tmp_path, monkeypatch, capsys):
    study = open_study(cfg(), tmp_path)
    study.ask()
    report = Reporter(cfg(), tmp_path, 0)

    def away(*_):
        raise optuna.exceptions.StorageInternalError("database is locked")

    monkeypatch.setattr(type(report.trial), "report", away)
    assert report(1.0, 10) is False and "database is locked" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (cfg(direction="up"), "give maximize or minimize"),
        (cfg(metric="val/loss"), "say whether less or more"),
        (cfg(interval=20), "too late to end one"),
    ],
)
def test_pruning_that_would_do_harm_or_nothing_is_refused(settings, told):
    with pytest.raises(UserError, match=told):
        check_pruning([settings], [Objective("test/all/psnr")])


def test_pruning_that_does_what_it_says_is_not():
    goal = [Objective("test/all/psnr")]
    check_pruning([cfg()], goal)
    check_pruning([cfg(metric=None, direction="up")], goal)
    check_pruning([cfg(interval=20), cfg()], goal)
    check_pruning([cfg(metric="val/loss", direction="minimize")], goal)
