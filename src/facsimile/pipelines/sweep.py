"""A sweep is one MLflow run with a child for each job."""

import atexit
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from facsimile.errors import UserError

PARENT_VARIABLE = "FACSIMILE_PARENT_RUN"  # the environment reaches jobs in other processes
STARTED, DONE = "started", "done"
FILES = (".mp4", ".json")  # what render and verify are told to write


class ParentRun(Callback):
    """Open the parent run before the first job of a training sweep, close it after the last.

    Each job leaves a tag in the parent: jobs run in other processes, and those that fail early
    have no run of their own.
    """

    def __init__(self) -> None:
        self.run_id: str | None = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Create the parent and leave its id where the jobs find it."""
        if config.hydra.job.name != "train":
            return
        folder = str(config.hydra.sweep.dir)
        runs = tracker(config)
        self.run_id = runs.open_run(f"sweep {config.name or ''}".strip(), folder)
        swept = ", ".join(map(str, config.hydra.overrides.task))
        runs.log_settings(self.run_id, {"overrides": swept}, {})
        os.environ[PARENT_VARIABLE] = self.run_id
        atexit.register(self._close, config, "KILLED")

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Note the job in the parent."""
        if parent_run() is not None and config.hydra.job.name == "train":
            _note(config, config.hydra.job.num, STARTED)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Close the parent, as failed if a job did not come to its end."""
        if self.run_id is None:
            return
        tags = tracker(config).tags(self.run_id)
        failed = any(key.startswith("job.") and tag != DONE for key, tag in tags.items())
        self._close(config, "FAILED" if failed else "FINISHED")

    def _close(self, config: DictConfig, status: str) -> None:
        atexit.unregister(self._close)
        os.environ.pop(PARENT_VARIABLE, None)
        tracker(config).finish(self.run_id, status)


def parent_run() -> str | None:
    """The parent of this job's run, when a sweep launched it."""
    return os.environ.get(PARENT_VARIABLE)


def job_done(cfg: DictConfig) -> None:
    """Tell the parent, if a sweep launched this job, that it ended well."""
    if parent_run() is not None:
        _note(cfg, HydraConfig.get().job.num, DONE)


def _note(cfg: DictConfig, job: int, state: str) -> None:
    tracker(cfg).tag(parent_run(), {f"job.{job}": state})


def tracker(cfg: DictConfig) -> Any:
    """The configured MLflow store."""
    from facsimile.tracking import Tracker

    return Tracker(cfg.logger.mlflow.tracking_uri, cfg.logger.mlflow.experiment_name)


def sweep_folder(output: str | None, root: str, time: str) -> str:
    """The folder of a sweep: `output=`, else multirun/ below the root or beside an output file.

    >>> sweep_folder("/tmp/sw", ".", "noon"), sweep_folder("out/a.mp4", ".", "noon")
    ('/tmp/sw', 'out/multirun/noon')
    """
    if output is None:
        return str(Path(root) / "multirun" / time)
    path = Path(str(output))  # YAML may have read a number
    return str(path.parent / "multirun" / time if path.suffix in FILES else path)


def check_files(overrides: Sequence[Override]) -> None:
    """Refuse a sweep whose jobs would write one file, each over the one before.

    Raises:
        UserError: the name of a file does not hold all that the jobs differ in.
    """
    swept = {one.key_or_group for one in overrides if one.is_sweep_override()}
    for override in overrides:
        names, others = _files(override), sorted(swept - {override.key_or_group})
        same = [key for key in others if not all(_tells(name, key) for name in names)]
        if names and (same or len({*names}) < len(names)):
            parts = "-".join(f"${{{key}}}" for key in others) or "${hydra:job.num}"
            raise UserError(
                f"{override.key_or_group}={names[0]}: all jobs of the sweep would write that one "
                f"file; put what they differ in into its name, as '{_marked(names[0], parts)}', "
                "or their numbers: ${hydra:job.num}"
            )


def _files(override: Override) -> list[str]:
    """The files that an override names for results."""
    if override.key_or_group not in ("output", "render.preview"):
        return []
    value = override.value()
    given = value.list if isinstance(value, ChoiceSweep) else [value]
    names = [str(getattr(one, "text", one)) for one in given]
    return names if any(Path(name).suffix in (*FILES, ".png") for name in names) else []


def _tells(name: str, key: str) -> bool:
    return f"${{{key}}}" in name or f"choices.{key}}}" in name or "${hydra:job." in name


def _marked(name: str, parts: str) -> str:
    path = Path(name)
    return str(path.with_name(f"{path.stem}-{parts}{path.suffix}"))


# Hydra imports this module for its callback, before it asks for the folder
OmegaConf.register_new_resolver("sweep_folder", sweep_folder)
