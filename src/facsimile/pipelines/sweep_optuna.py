"""A sweep whose trials Optuna proposes from what came of the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facsimile.errors import UserError
from facsimile.pipelines.jobs import DONE, FAILED, PRUNED, Job, read_job
from facsimile.pipelines.launching import connect, launch
from facsimile.pipelines.limits import check_limits
from facsimile.pipelines.objectives import Objective
from facsimile.pipelines.pruning import check_pruning
from facsimile.pipelines.study_start import check_begun
from facsimile.pipelines.study_storage import goals_of, open_study, optuna_quietly
from facsimile.pipelines.sweep_run import sweep_run
from facsimile.pipelines.sweep_space import (
    Space,
    as_overrides,
    recipe_ranges,
    samples,
    search_space,
    write_sweep,
)
from facsimile.pipelines.work_folder import work_folder

if TYPE_CHECKING:
    import optuna
    from omegaconf import DictConfig


def sweep(sweeper: Any, arguments: list[str]) -> None:
    """Do trials until the study has as many as were asked for.

    Those that a kill interrupted go on first, with their values and from their checkpoints.

    Args:
        sweeper: With Hydra's configuration, context and launcher.
        arguments: The overrides, those that are searched among them.

    Raises:
        UserError: there is nothing to search or to compare by, a trial cannot be composed, another
            process does this sweep, or its study was begun with other settings.
    """
    cfg, folder = sweeper.config, Path(sweeper.config.hydra.sweep.dir)
    if cfg.hydra.job.name != "train":
        raise UserError("sweep=optuna searches for trainings: facsimile train sweep=optuna …")
    space, fixed = _space(sweeper, arguments)
    tried = [sweeper.compose([*values, *fixed]) for values in samples(space)]
    goals = _checked(tried)
    connect(cfg.hydra.launcher)
    with work_folder(folder):
        write_sweep(cfg, folder)
        study = open_study(tried[0], folder.absolute())
        check_begun(study, space, tried[0], folder, goals)
        with sweep_run(cfg, goals):
            settle(study, folder, goals)
            at_once = cfg.sweep.at_once or cfg.hydra.launcher.get("n_jobs") or 1
            while batch := next_trials(study, space, tried[0], at_once):
                jobs = {one.number: [*as_overrides(one.params), *fixed] for one in batch}
                launch(sweeper.launcher, folder, jobs)
                settle(study, folder, goals)


def _space(sweeper: Any, arguments: list[str]) -> tuple[Space, list[str]]:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    optuna_quietly()
    ranges = recipe_ranges(sweeper.config.sweep.space)
    parser = OverridesParser.create(config_loader=sweeper.hydra_context.config_loader)
    space, fixed = search_space(parser.parse_overrides([*ranges, *arguments]))
    if not space:
        raise UserError(
            "there is nothing to search: give a setting several values, as model.steps=1,2,3 or "
            "'optimizer.lr=tag(log,interval(1e-4,1e-2))'"
        )
    return space, fixed


def _checked(jobs: Sequence[DictConfig]) -> list[Objective]:
    """What is searched for, once it is seen that the search itself can be done."""
    from omegaconf import OmegaConf

    check_limits(OmegaConf.masked_copy(jobs[0], "sweep"))
    goals = goals_of(jobs[0])
    check_pruning(jobs, goals)
    return goals


def next_trials(
    study: optuna.Study, space: Space, cfg: DictConfig, most: int
) -> list[optuna.trial.FrozenTrial]:
    """The trials to do next: those that were interrupted, else new ones while some are left."""
    from optuna.trial import TrialState

    left = study.get_trials(deepcopy=False, states=[TrialState.RUNNING])
    fresh = 0 if left else min(most, cfg.sweep.trials - len(study.get_trials(deepcopy=False)))
    for _ in range(fresh):
        propose(study, space, cfg)
    return left[:most] or study.get_trials(deepcopy=False, states=[TrialState.RUNNING])


def propose(study: optuna.Study, space: Space, cfg: DictConfig) -> None:
    """Add a trial by a sampler that is seeded anew, by the trial's number.

    A sampler's own state would be lost in a kill, and the draws be repeated after it. Optuna adds
    a trial first and its values one by one, of which a kill would leave some: it is asked by a
    copy of the study, and the trial added whole.
    """
    import optuna
    from hydra.utils import instantiate

    trials = study.get_trials(deepcopy=False)
    seed = int(np.random.SeedSequence([cfg.seed, len(trials)]).generate_state(1)[0])
    try:
        sampler = instantiate(cfg.sweep.sampler)(seed=seed)
    except (TypeError, ValueError) as error:
        raise UserError(f"sweep.sampler cannot be built: {error}") from error
    copy = optuna.create_study(sampler=sampler, directions=study.directions)
    copy.add_trials(trials)
    number = copy.ask(dict(space)).number
    asked = copy.get_trials(deepcopy=False)[number]
    study.add_trial(
        optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            params=asked.params,
            distributions=asked.distributions,
            system_attrs=asked.system_attrs,
        )  # fmt: skip
    )


def settle(study: optuna.Study, folder: Path, goals: Sequence[Objective]) -> None:
    """Tell the study of trials that have ended, also those whose sweep was killed before it could.

    Raises:
        UserError: of no trial at all was a metric measured that is searched for.
    """
    from optuna.trial import TrialState

    for one in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        job = read_job(folder, one.number)
        if job is not None:
            _tell(study, job, goals)


def _tell(study: optuna.Study, job: Job, goals: Sequence[Objective]) -> None:
    from optuna.trial import TrialState

    if job.state == PRUNED:
        study.tell(job.number, state=TrialState.PRUNED)
    elif job.state == FAILED:
        study.tell(job.number, state=TrialState.FAIL)
    elif job.state == DONE:
        values = _values(study, job, goals)
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(values):
            study.tell(job.number, numbers)
        else:  # infinite, or none
            study.tell(job.number, state=TrialState.FAIL)


def _values(study: optuna.Study, job: Job, goals: Sequence[Objective]) -> list[float | None]:
    """What a trial reached: nothing where it lacks a metric that others have."""
    from optuna.trial import TrialState

    try:
        return [goal.of(Path(str(job.folder))) for goal in goals]
    except UserError:
        if not study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]):
            raise  # the metric was probably misspelt
        return [None]
