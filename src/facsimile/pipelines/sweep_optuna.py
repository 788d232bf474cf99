"""A sweep whose trials Optuna proposes from what came of the earlier ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facsimile.errors import UserError
from facsimile.pipelines.jobs import DONE, FAILED, PRUNED, Job, read_job
from facsimile.pipelines.launching import connect, launch
from facsimile.pipelines.objectives import objectives
from facsimile.pipelines.origin import section_of
from facsimile.pipelines.study_storage import open_study, optuna_quietly
from facsimile.pipelines.sweep_space import as_overrides, search_space, write_sweep
from facsimile.pipelines.work_folder import work_folder

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig
    from optuna.distributions import BaseDistribution

SETTINGS = "settings"  # of all trials, kept with the study
# what trials of one study may differ in without being beyond comparison
FREE = ("sweep", "hydra", "logger", "paths", "output", "executor")


def sweep(sweeper: Any, arguments: list[str]) -> None:
    """Do trials until the study has as many as were asked for.

    Those that a kill interrupted go on first, with their values and from their checkpoints.

    Args:
        sweeper: With Hydra's configuration, context and launcher.
        arguments: The overrides, those that are searched among them.

    Raises:
        UserError: there is nothing to search or to compare by, another process does this sweep, or
            its study was begun with other settings.
    """
    cfg, folder = sweeper.config, Path(sweeper.config.hydra.sweep.dir)
    if cfg.hydra.job.name != "train":
        raise UserError("sweep=optuna searches for trainings: facsimile train sweep=optuna …")
    if cfg.sweep.trials < 1:
        raise UserError(f"sweep.trials={cfg.sweep.trials}: give how many, at least 1")
    space, fixed = _space(sweeper, arguments)
    connect(sweeper.config.hydra.launcher)
    with work_folder(folder):
        write_sweep(cfg, folder)
        study = open_study(cfg, folder.absolute())
        check_settings(study, fixed)
        check_space(study, space)
        settle(study, folder, cfg)
        at_once = cfg.sweep.at_once or cfg.hydra.launcher.get("n_jobs") or 1
        while batch := next_trials(study, space, cfg, at_once):
            jobs = {one.number: [*as_overrides(one.params), *fixed] for one in batch}
            launch(sweeper.launcher, folder, jobs)
            settle(study, folder, cfg)


def _space(sweeper: Any, arguments: list[str]) -> tuple[dict[str, BaseDistribution], list[str]]:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    optuna_quietly()
    ranges = [f"{key}={text}" for key, text in sweeper.config.sweep.space.items()]
    parser = OverridesParser.create(config_loader=sweeper.hydra_context.config_loader)
    space, fixed = search_space(parser.parse_overrides([*ranges, *arguments]))
    if not space:
        raise UserError(
            "there is nothing to search: give a setting several values, as model.steps=1,2,3 or "
            "'optimizer.lr=tag(log,interval(1e-4,1e-2))'"
        )
    return space, fixed


def check_settings(study: optuna.Study, fixed: list[str]) -> None:
    """Keep with a new study what all its trials share; compare with it what an old one has.

    Raises:
        UserError: names the settings in which they differ.
    """
    ours = sorted(one for one in fixed if section_of(one) not in FREE)
    theirs = study.user_attrs.get(SETTINGS)
    if theirs is None:
        study.set_user_attr(SETTINGS, ours)
    elif theirs != ours:
        differ = ", ".join(sorted({*ours} ^ {*theirs}))
        raise UserError(
            f"the study {study.study_name} was begun with other settings ({differ}): its trials "
            "could not be compared with these; give another sweep.study=NAME or output=DIR"
        )


def check_space(study: optuna.Study, space: dict[str, BaseDistribution]) -> None:
    """Compare the ranges with those of the study's earlier trials.

    Raises:
        UserError: names one that Optuna cannot mix with the earlier one.
    """
    from optuna.distributions import check_distribution_compatibility

    for earlier in study.get_trials(deepcopy=False)[:1]:
        for key, distribution in earlier.distributions.items():
            try:
                check_distribution_compatibility(distribution, space[key])
            except (KeyError, ValueError) as error:
                raise UserError(
                    f"the study {study.study_name} was begun with other values of {key}: give "
                    "them, or another sweep.study=NAME or output=DIR"
                ) from error


def next_trials(
    study: optuna.Study, space: dict[str, BaseDistribution], cfg: DictConfig, most: int
) -> list[optuna.trial.FrozenTrial]:
    """The trials to do next: those that were interrupted, else new ones while some are left."""
    from optuna.trial import TrialState

    left = study.get_trials(deepcopy=False, states=[TrialState.RUNNING])
    fresh = 0 if left else min(most, cfg.sweep.trials - len(study.get_trials(deepcopy=False)))
    for _ in range(fresh):
        _ask(study, space, cfg)
    return left[:most] or study.get_trials(deepcopy=False, states=[TrialState.RUNNING])


def _ask(study: optuna.Study, space: dict[str, BaseDistribution], cfg: DictConfig) -> None:
    """Propose a trial by a sampler that is seeded anew, by the trial's number.

    A sampler's own state would be lost in a kill, and the draws be repeated after it.
    """
    from hydra.utils import instantiate

    number = len(study.get_trials(deepcopy=False))
    seed = int(np.random.SeedSequence([cfg.seed, number]).generate_state(1)[0])
    study.sampler = instantiate(cfg.sweep.sampler)(seed=seed)
    study.ask(space)


def settle(study: optuna.Study, folder: Path, cfg: DictConfig) -> None:
    """Tell the study of trials that had ended when their sweep was killed before it could."""
    from optuna.trial import TrialState

    for one in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        job = read_job(folder, one.number)
        if job is not None:
            tell(study, job, cfg)


def tell(study: optuna.Study, job: Job, cfg: DictConfig) -> None:
    """Tell the study what came of a trial, if it has come to an end.

    Raises:
        UserError: a metric that is searched for was not measured.
    """
    from optuna.trial import TrialState

    if job.state == PRUNED:
        study.tell(job.number, state=TrialState.PRUNED)
    elif job.state == FAILED:
        study.tell(job.number, state=TrialState.FAIL)
    elif job.state == DONE:
        values = [goal.of(Path(str(job.folder))) for goal in objectives(cfg)]
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(values):
            study.tell(job.number, numbers)
        else:  # infinite, or none
            study.tell(job.number, state=TrialState.FAIL)
