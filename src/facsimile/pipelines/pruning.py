"""Whether a trial of a search is worth going on with, by its validations."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.pipelines.objectives import MAXIMIZE, MINIMIZE, Objective
from facsimile.pipelines.study_storage import goals_of, open_study, optuna_quietly

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig


class Reporter:
    """Tells a trial's study of its validations.

    A database that is away for a moment ends no trial: it goes on, unpruned.

    Args:
        cfg: The job's configuration.
        sweep: The sweep's folder.
        number: The trial's.
    """

    def __init__(self, cfg: DictConfig, sweep: Path, number: int) -> None:
        from hydra.utils import instantiate

        study = open_study(cfg, sweep)
        study.pruner = instantiate(cfg.sweep.pruner)
        self.sign = _sign(cfg, goals_of(cfg))
        self.trial = trial(study, number)

    def __call__(self, value: float, step: int) -> bool:
        """Report a value; returns whether the trial is to be pruned."""
        errors = optuna_quietly().exceptions
        try:
            self.trial.report(self.sign * value, step)
            return bool(self.trial.should_prune())
        except errors.StorageInternalError as error:
            print(f"step {step} is not reported to the study: {error}", file=sys.stderr)
            return False


def trial(study: optuna.Study, number: int) -> optuna.Trial:
    """A trial that goes on, by its number."""
    import optuna

    return optuna.Trial(study, study.get_trials(deepcopy=False)[number]._trial_id)


def check_pruning(jobs: Sequence[DictConfig], goals: Sequence[Objective]) -> None:
    """See, before any trial, that pruning ends the worse ones, and before their end.

    Args:
        jobs: Configurations of trials.
        goals: What is searched for.

    Raises:
        UserError: there are several objectives, less or more of the metric may be better, no trial
            is validated before its end, or the pruner cannot be built.
    """
    from hydra.utils import instantiate

    cfg, prune = jobs[0], jobs[0].sweep.prune
    if prune.metric is None:
        return
    if len(goals) > 1:
        raise UserError(
            f"sweep.prune.metric={prune.metric}: trials are pruned for one objective, not for "
            f"{len(goals)}; leave it out"
        )
    if prune.direction not in (None, MAXIMIZE, MINIMIZE):
        raise UserError(f"sweep.prune.direction={prune.direction}: give {MAXIMIZE} or {MINIMIZE}")
    if prune.direction is None and _word(prune.metric) != _word(goals[0].metric):
        raise UserError(
            f"sweep.prune.metric={prune.metric}: say whether less or more of it is better, by "
            f"sweep.prune.direction={MINIMIZE} or {MAXIMIZE}; it is not the objective's, which is "
            f"{goals[0].metric}"
        )
    if all(job.trainer.val_check_interval >= job.trainer.max_steps for job in jobs):
        raise UserError(
            f"sweep.prune.metric={prune.metric}: trials of {cfg.trainer.max_steps} steps are "
            f"validated every {cfg.trainer.val_check_interval}, too late to end one; lower "
            "trainer.val_check_interval"
        )
    instantiate(cfg.sweep.pruner)


def _word(metric: str) -> str:
    """What is measured, wherever it is: test/all/psnr and val/psnr are both psnr."""
    return metric.rpartition("/")[2]


def _sign(cfg: DictConfig, goals: Sequence[Objective]) -> int:
    """-1 where less of the reported metric is better and more of the objective, or the reverse."""
    (goal,) = goals
    return -1 if (cfg.sweep.prune.direction or goal.direction) != goal.direction else 1
