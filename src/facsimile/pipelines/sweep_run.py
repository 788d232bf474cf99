"""A sweep of trainings is one MLflow run, with a child for each job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.pipelines.jobs import DONE, FAILED, PRUNED, Job, read_jobs
from facsimile.pipelines.objectives import Objective
from facsimile.pipelines.origin import is_of_this_machine, title
from facsimile.pipelines.sweep import PARENT_VARIABLE, hand_on, tracker
from facsimile.pipelines.sweep_summary import summarise

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.tracking import Tracker

TAG = 2000  # characters of a tag
ERROR = "error"  # the tag that says why a run failed


@contextmanager
def sweep_run(config: DictConfig, goals: Sequence[Objective]) -> Iterator[None]:
    """Open the sweep's run while the block does its jobs, whose runs are below it.

    In the end what came of them is shown, and logged; the run has failed if a job did not end well
    or the sweep itself was broken off.

    Args:
        config: Of the sweep, to which what the jobs have to know is added.
        goals: What the jobs are compared by.
    """
    folder, runs = Path(config.hydra.sweep.dir).absolute(), tracker(config)
    parent = _open(runs, config, folder)
    hand_on(config, {PARENT_VARIABLE: parent})
    with runs.ending(parent):
        yield
        jobs = [_child(runs, parent, folder, config, job) for job in read_jobs(folder)]
        runs.log_files(parent, summarise(folder, jobs, goals))
        told = {_tag(job): f"{job.state} {job.reason}".strip()[:TAG] for job in jobs}
        runs.tag(parent, told)
    if any(job.state not in (DONE, PRUNED) for job in jobs):
        runs.finish(parent, "FAILED")


def _open(runs: Tracker, config: DictConfig, folder: Path) -> str:
    name = f"sweep {folder.name}" + (f" of {config.name}" if config.name else "")
    run_id = runs.open_run(name, str(folder))
    given = map(str, config.hydra.overrides.task)
    swept = ", ".join(one for one in given if "://" not in one)  # which may hold a password
    runs.log_settings(run_id, {"overrides": swept}, {"sweep": folder.name, **_described(config)})
    return run_id


def _child(runs: Tracker, parent: str, folder: Path, config: DictConfig, job: Job) -> Job:
    """See that a job that failed has a run which says so, also if it failed before it had one.

    Such a stand-in goes as soon as the job has a run of its own.
    """
    key = f"{folder}/{job.number}"
    if job.state != FAILED:
        if runs.tags(parent).get(_tag(job), "").startswith(FAILED):
            _remove(runs, runs.find_run(key, parent))
        return job
    if job.run is None:
        given = [one for one in job.overrides if not is_of_this_machine(one)]
        run_id = runs.open_run(title(str(config.name or f"job {job.number}"), given), key, parent)
        runs.log_settings(run_id, _settings(given), _described(config))
        job = replace(job, run=run_id)
        job.write(folder)
    if ERROR not in runs.tags(str(job.run)):  # its process died, or there was no run
        runs.tag(str(job.run), {ERROR: job.reason[:TAG]})
        runs.finish(str(job.run), "FAILED")
    return job


def _remove(runs: Tracker, run_id: str | None) -> None:
    if run_id is not None:
        runs.remove(run_id)


def _settings(overrides: Sequence[str]) -> dict[str, str]:
    pairs = (one.lstrip("+").partition("=") for one in overrides)
    return {key: value for key, equals, value in pairs if equals}


def _tag(job: Job) -> str:
    return f"job.{job.number}"


def _described(config: DictConfig) -> dict[str, str]:
    """What the sweep's jobs have in common, where it is said."""
    task = config.task.name if config.get("task") is not None else None
    told = {"recipe": config.name, "task": task, "data": config.data.name}
    return {key: str(value) for key, value in told.items() if value is not None}
