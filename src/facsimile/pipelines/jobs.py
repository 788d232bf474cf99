"""What became of each job of a sweep: a file a job, in the sweep's folder."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.errors import Pruned
from facsimile.media.files import atomic_path
from facsimile.pipelines.explain import explain
from facsimile.pipelines.job_lock import held
from facsimile.pipelines.memory_turn import MemoryTurn
from facsimile.pipelines.share import take_share

if TYPE_CHECKING:
    from omegaconf import DictConfig

JOBS = "jobs"
RUNNING, DONE, PRUNED, FAILED = "running", "done", "pruned", "failed"
ENDED = (DONE, PRUNED, FAILED)


@dataclass(frozen=True)
class Job:
    """A job of a sweep.

    Args:
        number: Its place in the sweep.
        overrides: What it was composed of.
        folder: Of its results; None where it does not train.
        state: RUNNING, until it is DONE, PRUNED or FAILED.
        reason: Why it failed or was pruned.
        trace: The traceback, where the reason is a bug.
        run: The id of its MLflow run, once it has one.
    """

    number: int
    overrides: list[str] = field(default_factory=list)
    folder: str | None = None
    state: str = RUNNING
    reason: str = ""
    trace: str = ""
    run: str | None = None

    def write(self, sweep: Path) -> None:
        """Leave it in the sweep's folder, in place of what stood there of this job."""
        with atomic_path(job_file(sweep, self.number)) as path:
            path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    def remove(self, sweep: Path) -> None:
        """Take it out of the sweep's folder."""
        job_file(sweep, self.number).unlink(missing_ok=True)


def job_file(sweep: Path, number: int) -> Path:
    """Where a sweep's folder tells of a job."""
    return sweep / JOBS / f"{number}.json"


def read_job(sweep: Path, number: int) -> Job | None:
    """What is told of a job; None where it never began."""
    path = job_file(sweep, number)
    return Job(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def read_jobs(sweep: Path) -> list[Job]:
    """All jobs that a sweep's folder tells of, in their order."""
    numbers = sorted(int(path.stem) for path in (sweep / JOBS).glob("[0-9]*.json"))
    return [job for number in numbers if (job := read_job(sweep, number))]


def in_sweep() -> bool:
    """Whether this process is doing a job of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    return HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN


def this_job() -> tuple[Path, int]:
    """The folder of the sweep whose job this process is doing, and the job's number."""
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    return Path(hydra.runtime.cwd, hydra.sweep.dir), int(hydra.job.num)


def do_job(command: str, run: Callable[[DictConfig], None], cfg: DictConfig) -> None:
    """Do one job of a sweep and note how it ended; whatever fails, the other jobs go on.

    Of jobs that do not train only failures are noted.
    """
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    os.chdir(hydra.runtime.cwd)  # a process on a cluster begins elsewhere
    take_share()
    sweep, number = this_job()
    if command == "train":
        job = Job(number, list(hydra.overrides.task), _folder(cfg))
        with _alone(sweep, number):
            job.write(sweep)
            replace(job, **_outcome(run, cfg, number), run=_run_of(sweep, number)).write(sweep)
        MemoryTurn(sweep / JOBS).release()
        return
    job_file(sweep, number).unlink(missing_ok=True)
    ended = replace(Job(number, list(hydra.overrides.task)), **_outcome(run, cfg, number))
    if ended.state == FAILED:
        ended.write(sweep)


def note_run(run_id: str) -> None:
    """Note which MLflow run a job writes to, if this process is doing one."""
    if in_sweep():
        sweep, number = this_job()
        job = read_job(sweep, number)
        if job is not None:
            replace(job, run=run_id).write(sweep)


def _folder(cfg: DictConfig) -> str | None:
    from facsimile.pipelines.resolve import recipe_folder

    return str(recipe_folder(cfg).absolute())


def _run_of(sweep: Path, number: int) -> str | None:
    job = read_job(sweep, number)
    return job.run if job else None


def _outcome(run: Callable[[DictConfig], None], cfg: DictConfig, number: int) -> dict[str, Any]:
    try:
        run(cfg)
    except Pruned as pruned:
        print(f"job {number}: pruned, {pruned}")
        return {"state": PRUNED, "reason": str(pruned)}
    except Exception as error:
        told = reasons(error)
        print(told.get("trace", ""), end="", file=sys.stderr)
        return {"state": FAILED, **told}
    return {"state": DONE}


def reasons(error: Exception) -> dict[str, str]:
    """Why a job failed, in words; of a bug with its traceback."""
    trace = "".join(traceback.format_exception(error))  # before it is raised anew
    try:
        return {"reason": " ".join(explain(error).split())}
    except Exception as bug:
        return {"reason": f"{type(bug).__name__}: {bug}", "trace": trace}


def _alone(sweep: Path, number: int) -> AbstractContextManager[Any]:
    """Wait for another process that still does this very job, as one whose sweep was killed."""
    say = f"job {number} is still being done by another process: waiting for its end"
    return held(sweep / JOBS / f".{number}.lock", partial(print, say))


def complaints() -> list[str]:
    """A line for each job of the sweep just done that failed; none where there was no sweep."""
    from hydra.core.hydra_config import HydraConfig

    if not in_sweep():
        return []
    hydra = HydraConfig.get()
    jobs = read_jobs(Path(hydra.sweep.dir))
    return [
        f"job {job.number} ({' '.join(job.overrides)}) failed: {job.reason}"
        for job in jobs
        if job.state == FAILED
    ]
