"""MLflow: one run a recipe and version, a sweep as a parent run with a child each.

The only module that imports mlflow; everything else speaks of runs by their id.
"""

import logging
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from facsimile.errors import UserError
from facsimile.media.files import sha256

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")

VERSION = "facsimile.version"
PARENT = "mlflow.parentRunId"
BATCH = 500  # entries a request; MLflow takes up to 1000 metrics, 100 params and tags


class Tracker:
    """The runs of one MLflow experiment.

    `tracking_uri` is a database (`sqlite:///mlflow.db`) or a server's address. The plain file
    store is refused by MLflow 3.

    Raises:
        UserError: the store cannot be reached or opened.
    """

    def __init__(self, tracking_uri: str, experiment_name: str = "facsimile") -> None:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        logging.getLogger("mlflow").setLevel(logging.WARNING)  # not its database's migrations
        self.tracking_uri = tracking_uri
        self.experiment_name = experiment_name
        try:
            self.client = MlflowClient(tracking_uri=tracking_uri)
            self.experiment_id = self._experiment()
        except (MlflowException, OSError) as error:
            raise UserError(
                f"MLflow cannot be used at logger.mlflow.tracking_uri={tracking_uri}: {error}"
            ) from error

    def open_run(self, name: str, version: str, parent: str | None = None) -> str:
        """Find the run of this version (below the same parent), or create it; returns its id."""
        known = self.find_run(version, parent)
        if known is not None:
            self.reopen(known)
            return known
        tags = {VERSION: version} | ({PARENT: parent} if parent else {})
        run = self.client.create_run(self.experiment_id, tags=tags, run_name=name)
        return str(run.info.run_id)

    def reopen(self, run_id: str) -> None:
        """Let the run go on; Lightning's logger ends it together with the training."""
        self.client.update_run(run_id, status="RUNNING")

    def find_run(self, version: str, parent: str | None = None) -> str | None:
        """The id of the run of this version below this parent, if there is one."""
        query = f"tags.`{VERSION}` = '{version}'"
        for run in self.client.search_runs([self.experiment_id], query, max_results=1000):
            if run.data.tags.get(PARENT) == parent:
                return str(run.info.run_id)
        return None

    def logger(self, run_id: str) -> Any:
        """A Lightning logger that writes into the run while it trains."""
        from pytorch_lightning.loggers import MLFlowLogger

        return MLFlowLogger(
            self.experiment_name, tracking_uri=self.tracking_uri, run_id=run_id, synchronous=True
        )

    def log_settings(self, run_id: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Log the flat configuration and where it came from; what is there already stays."""
        from mlflow.entities import Param

        present = self.client.get_run(run_id).data
        fresh = [Param(k, str(v)[:6000]) for k, v in params.items() if k not in present.params]
        for start in range(0, len(fresh), 100):
            self.client.log_batch(run_id, params=fresh[start : start + 100])
        self.tag(run_id, {k: v for k, v in tags.items() if k not in present.tags})

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, whatever they were."""
        from mlflow.entities import RunTag

        self.client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])

    def tags(self, run_id: str) -> dict[str, str]:
        """The run's tags."""
        return dict(self.client.get_run(run_id).data.tags)

    def log_metrics(self, run_id: str, metrics: Mapping[str, float | None]) -> None:
        """Log final metrics; what is not a finite number is left out."""
        self._log(run_id, [(key, value, 0) for key, value in metrics.items()])

    def log_curves(self, run_id: str, curves: pd.DataFrame) -> None:
        """Log a table of `step` and metrics, unless the run has these curves already."""
        present = self.client.get_run(run_id).data.metrics
        columns = [c for c in curves.columns if c != "step" and c not in present]
        self._log(
            run_id,
            [
                (column, value, int(step))
                for column in columns
                for step, value in zip(curves["step"], curves[column], strict=True)
            ],
        )

    def log_files(self, run_id: str, paths: Sequence[Path], below: str = "") -> None:
        """Copy files and folders into the run's artifacts."""
        for path in paths:
            if path.is_dir():
                self.client.log_artifacts(run_id, str(path), f"{below}/{path.name}".strip("/"))
            elif path.is_file():
                self.client.log_artifact(run_id, str(path), below or None)

    def log_once(self, run_id: str, path: Path, below: str = "") -> None:
        """Copy a file into the run's artifacts, unless it is not there or the run has it."""
        if path.is_file() and not self.has_file(run_id, path, below):
            self.log_files(run_id, [path], below)
            self.tag(run_id, {_hash_tag(path, below): sha256(path)})

    def has_file(self, run_id: str, path: Path, below: str = "") -> bool:
        """Whether `log_once` has put these very bytes into the run."""
        return self.tags(run_id).get(_hash_tag(path, below)) == sha256(path)

    @contextmanager
    def ending(self, run_id: str) -> Iterator[None]:
        """End the run as the block ends: FINISHED, FAILED by an exception, KILLED by Ctrl-C."""
        try:
            yield
        except BaseException as error:
            self.finish(run_id, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
            raise
        self.finish(run_id)

    def finish(self, run_id: str, status: str = "FINISHED") -> None:
        """End the run as FINISHED, FAILED or KILLED."""
        self.client.set_terminated(run_id, status)

    def is_finished(self, run_id: str) -> bool:
        """Whether the run has ended well."""
        return bool(self.client.get_run(run_id).info.status == "FINISHED")

    def _experiment(self) -> str:
        found = self.client.get_experiment_by_name(self.experiment_name)
        if found is not None:
            return str(found.experiment_id)
        return str(self.client.create_experiment(self.experiment_name))

    def _log(self, run_id: str, values: Sequence[tuple[str, float | None, int]]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [
            Metric(_metric_name(key), float(value), now, step)
            for key, value, step in values
            if value is not None and math.isfinite(value)
        ]
        for start in range(0, len(metrics), BATCH):
            self.client.log_batch(run_id, metrics=metrics[start : start + BATCH])


def _hash_tag(path: Path, below: str) -> str:
    return f"sha256.{below}/{path.name}" if below else f"sha256.{path.name}"


def _metric_name(key: str) -> str:
    """MLflow allows letters, digits and `_-. :/` in a metric's name."""
    return "".join(c if c.isalnum() or c in "_-. :/" else "_" for c in key)
