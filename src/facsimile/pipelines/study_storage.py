"""The Optuna study of a sweep, as all its processes find it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.pipelines.objectives import Objective, objectives

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig


def optuna_quietly() -> Any:
    """Import Optuna; it says nothing beneath a warning."""
    try:
        import optuna
    except ImportError as error:
        raise UserError("sweep=optuna needs Optuna: pip install 'facsimile[sweep]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    warnings.filterwarnings("ignore", ".*step.* is already reported.*")  # a trial that goes on
    return optuna


def open_study(cfg: DictConfig, sweep: Path) -> optuna.Study:
    """Open the study of a sweep's folder, or begin it.

    Raises:
        UserError: there is nothing to compare by, it was begun with other objectives, or its
            database cannot be opened.
    """
    goals = _objectives(cfg)
    create_study = optuna_quietly().create_study
    directions = [goal.direction for goal in goals]
    try:
        study: optuna.Study = create_study(
            study_name=sweep.name, storage=storage(cfg, sweep), load_if_exists=True,
            directions=directions,
        )  # fmt: skip
    except Exception as error:  # of the database's own classes
        raise UserError(f"sweep.storage={storage(cfg, sweep)} cannot be used: {error}") from error
    if [one.name.lower() for one in study.directions] != directions:
        raise UserError(
            f"the study {sweep.name} was begun with {len(study.directions)} objectives of other "
            "directions; give another sweep.study=NAME or output=DIR"
        )
    return study


def storage(cfg: DictConfig, sweep: Path) -> str:
    """The address of the study's database."""
    return str(cfg.sweep.storage or f"sqlite:///{sweep.absolute()}/study.db")


class Reporter:
    """Tells a trial's study of its validations.

    Args:
        cfg: The job's configuration.
        sweep: The sweep's folder.
        number: The trial's.
    """

    def __init__(self, cfg: DictConfig, sweep: Path, number: int) -> None:
        from hydra.utils import instantiate

        study = open_study(cfg, sweep)
        study.pruner = instantiate(cfg.sweep.pruner)
        self.sign = _sign(cfg, _objectives(cfg))
        self.trial = trial(study, number)

    def __call__(self, value: float, step: int) -> bool:
        """Report a value; returns whether the trial is to be pruned."""
        self.trial.report(self.sign * value, step)
        return bool(self.trial.should_prune())


def trial(study: optuna.Study, number: int) -> optuna.Trial:
    """A trial that goes on, by its number."""
    import optuna

    return optuna.Trial(study, study.get_trials(deepcopy=False)[number]._trial_id)


def _sign(cfg: DictConfig, goals: list[Objective]) -> int:
    """-1 where less of the reported metric is better and more of the objective, or the reverse."""
    (goal,) = goals
    return -1 if (cfg.sweep.prune.direction or goal.direction) != goal.direction else 1


def _objectives(cfg: DictConfig) -> list[Objective]:
    goals = objectives(cfg)
    if not goals:
        raise UserError(
            "say what to search for: sweep.objective=[METRIC], one or more of the metrics.json of "
            "such a training, as test/swap/face_ssim, with sweep.directions=[maximize]"
        )
    if len(goals) > 1 and cfg.sweep.prune.metric is not None:
        raise UserError(
            f"sweep.prune.metric={cfg.sweep.prune.metric}: trials are pruned for one objective, "
            f"not for {len(goals)}; leave it out"
        )
    return goals
