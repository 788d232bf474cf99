"""Jobs of a sweep, given to a launcher so that one whose process dies takes no other along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import UserError
from facsimile.pipelines.jobs import ENDED, FAILED, Job, job_file, read_job

if TYPE_CHECKING:
    from hydra.plugins.launcher import Launcher
    from omegaconf import DictConfig

UNTOLD = (
    "it left no word of its end in the sweep's folder: see that its machine has this very folder, "
    "at the same place"
)


def launch(launcher: Launcher, sweep: Path, jobs: Mapping[int, Sequence[str]]) -> None:
    """Do the training jobs of these numbers; each leaves in the sweep's folder how it ended.

    A process that dies, for want of memory or by a machine's end, breaks what some launchers have
    under way. What had begun by then is done again one by one, and who dies again has failed; the
    rest is launched anew.

    Args:
        launcher: Hydra's.
        sweep: The sweep's folder.
        jobs: The overrides of each job.

    Raises:
        UserError: the launcher did not begin a single job.
    """
    for number in jobs:
        job_file(sweep, number).unlink(missing_ok=True)
    left = dict(jobs)
    while left:
        died = _try(launcher, left)
        if not died:
            _fail(sweep, left, UNTOLD)
            return
        if not any(job_file(sweep, number).is_file() for number in jobs):
            raise UserError(f"hydra/launcher does not begin the jobs: {died}")
        left = {number: jobs[number] for number in _left(sweep, left)}
        begun = [number for number in left if job_file(sweep, number).is_file()]
        for number in begun or [*left][:1]:  # a process may die before it says that it began
            _do_alone(launcher, sweep, {number: left.pop(number)}, died)


def _do_alone(launcher: Launcher, sweep: Path, job: Mapping[int, Sequence[str]], died: str) -> None:
    (number,) = job
    print(f"job {number}: its process died ({died}); it is done again, alone")
    again = _try(launcher, job)
    _fail(sweep, job, f"its process died twice: {again or died}")


def _fail(sweep: Path, jobs: Mapping[int, Sequence[str]], reason: str) -> None:
    """Note of the jobs without an end that they have failed; what else is known of them stays."""
    for number in _left(sweep, jobs):
        job = read_job(sweep, number) or Job(number, list(jobs[number]))
        replace(job, state=FAILED, reason=reason).write(sweep)


def launch_others(launcher: Launcher, jobs: Mapping[int, Sequence[str]]) -> None:
    """Do jobs of another command, which leave nothing in the sweep's folder if they end well.

    Raises:
        UserError: a process died.
    """
    died = _try(launcher, jobs)
    if died:
        raise UserError(f"the sweep was broken off, for a process of it died: {died}")


def connect(settings: DictConfig) -> None:
    """Connect to Ray where a launcher's configuration asks for it.

    The launcher would, but with settings that a cluster which is there already refuses.

    Raises:
        UserError: there is no such cluster.
    """
    from omegaconf import OmegaConf

    if "ray" not in settings:
        return
    import ray

    if not ray.is_initialized():
        given: Any = OmegaConf.to_container(settings.ray.init, resolve=True)
        try:
            ray.init(**{"configure_logging": False} | given)
        except (OSError, ValueError) as error:
            raise UserError(f"hydra.launcher.ray.init: Ray cannot be used: {error}") from error


def _try(launcher: Launcher, jobs: Mapping[int, Sequence[str]]) -> str:
    """Launch; returns what broke the launcher, or nothing."""
    try:
        for first, batch in _rows(jobs):
            launcher.launch(batch, initial_job_idx=first)
    except Exception as error:  # each launcher has its own
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


def _rows(jobs: Mapping[int, Sequence[str]]) -> Iterator[tuple[int, list[Sequence[str]]]]:
    """Jobs in rows of consecutive numbers, which is what launchers take.

    >>> [*_rows({0: ["a"], 1: ["b"], 4: ["c"]})]
    [(0, [['a'], ['b']]), (4, [['c']])]
    """
    row: list[Sequence[str]] = []
    for number in sorted(jobs):
        row.append(jobs[number])
        if number + 1 not in jobs:
            yield number - len(row) + 1, row
            row = []


def _left(sweep: Path, numbers: Iterable[int]) -> list[int]:
    """The jobs without an end."""
    found = {number: read_job(sweep, number) for number in numbers}
    return [number for number, job in found.items() if job is None or job.state not in ENDED]
