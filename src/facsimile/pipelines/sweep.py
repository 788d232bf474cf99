"""A sweep is one MLflow run with a child for each job."""

import os
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

PARENT_VARIABLE = "FACSIMILE_PARENT_RUN"  # the environment reaches jobs in other processes


class ParentRun(Callback):
    """Open the parent run before the first job of a training sweep, close it after the last."""

    def __init__(self) -> None:
        self.run_id: str | None = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Create the parent and leave its id where the jobs find it."""
        if config.hydra.job.name != "train":
            return
        self.tracker = tracker(config)
        folder = str(config.hydra.sweep.dir)
        self.run_id = self.tracker.open_run(f"sweep {config.name or ''}".strip(), folder)
        swept = ", ".join(map(str, config.hydra.overrides.task))
        self.tracker.log_settings(self.run_id, {"overrides": swept}, {})
        os.environ[PARENT_VARIABLE] = self.run_id

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Close the parent."""
        if self.run_id is not None:
            os.environ.pop(PARENT_VARIABLE, None)
            self.tracker.finish(self.run_id)


def parent_run() -> str | None:
    """The parent of this job's run, when a sweep launched it."""
    return os.environ.get(PARENT_VARIABLE)


def tracker(cfg: DictConfig) -> Any:
    """The configured MLflow store."""
    from facsimile.tracking import Tracker

    return Tracker(cfg.logger.mlflow.tracking_uri, cfg.logger.mlflow.experiment_name)
