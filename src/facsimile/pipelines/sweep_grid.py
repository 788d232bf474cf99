"""A sweep over every combination of the values that are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from facsimile.errors import UserError
from facsimile.pipelines.jobs import read_jobs
from facsimile.pipelines.launching import connect, launch, launch_others
from facsimile.pipelines.objectives import objectives
from facsimile.pipelines.sweep_run import sweep_run
from facsimile.pipelines.sweep_space import write_sweep
from facsimile.pipelines.work_folder import work_folder


def sweep(sweeper: Any, arguments: list[str]) -> None:
    """Do the jobs of a sweep.

    Of a training those that are finished, with these settings, are not done again.

    Args:
        sweeper: With Hydra's configuration, context and launcher.
        arguments: The overrides, those that are swept among them.

    Raises:
        UserError: another process does this sweep, an interval is given, or what jobs are to be
            compared by cannot be.
    """
    parser = OverridesParser.create(config_loader=sweeper.hydra_context.config_loader)
    jobs = combinations(parser.parse_overrides(arguments))
    composed = [sweeper.compose(overrides) for overrides in jobs.values()]
    goals = objectives(composed[0])  # of a sweep over recipes it is the job that says
    folder = Path(sweeper.config.hydra.sweep.dir)
    connect(sweeper.config.hydra.launcher)
    with work_folder(folder):
        write_sweep(sweeper.config, folder)
        for earlier in read_jobs(folder):
            if earlier.number not in jobs:
                earlier.remove(folder)
        if sweeper.config.hydra.job.name != "train":
            launch_others(sweeper.launcher, jobs)
            return
        with sweep_run(sweeper.config, goals):
            launch(sweeper.launcher, folder, jobs)


def combinations(overrides: list[Override]) -> dict[int, list[str]]:
    """The jobs' overrides, the swept ones in front, of which the last changes fastest.

    >>> parser = OverridesParser.create()
    >>> combinations(parser.parse_overrides(["a=1,2", "b=x", "c=3,4"]))[2]
    ['a=2', 'c=3', 'b=x']

    Raises:
        UserError: an interval has no combinations.
    """
    for one in overrides:
        if one.is_sweep_override() and not one.is_discrete_sweep():
            raise UserError(
                f"{one.input_line}: an interval has no end of values; add sweep=optuna or list them"
            )
    last = {one.get_key_element(): one for one in overrides}  # of a key given twice
    swept_first = sorted(last.values(), key=lambda one: not one.is_sweep_override())
    (batch,) = BasicSweeper.split_arguments(swept_first, None)
    return dict(enumerate(batch))
