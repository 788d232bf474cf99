"""What a store holds, for those who only look: runs of a data set, registered models."""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from facsimile.errors import UserError
from facsimile.tracking.store import without_password
from facsimile.tracking.system_metrics import PREFIX

_SQLITE = "sqlite:///"
_MOST = 50  # runs that are shown
_SHOWN = 12  # metrics of a run


class Reader:
    """Reads a store, and makes none where there is none.

    Args:
        tracking_uri: As of `Tracker`.
        experiment_name: Likewise.
    """

    def __init__(self, tracking_uri: str, experiment_name: str = "facsimile") -> None:
        self._uri, self._experiment = tracking_uri, experiment_name
        self._lock = threading.Lock()

    def runs_of_data(self, name: str) -> list[dict[str, Any]]:
        """The runs that used a data set, the last one first.

        Each is `run_id`, `name`, `status`, `started` (seconds since 1970) and `metrics`.

        Raises:
            UserError: The store cannot be reached.
        """
        if not self._is_there():
            return []
        with self._told():
            found = self._client.get_experiment_by_name(self._experiment)
            if found is None:
                return []
            query = f"params.`data.name` = '{name}'"
            runs = self._client.search_runs([found.experiment_id], query, max_results=_MOST)
            return [_run(run) for run in runs]

    def registered(self) -> list[dict[str, Any]]:
        """Every registered model: `name`, `version`, `best`, `task` and the run's `metrics`.

        Raises:
            UserError: The store cannot be reached.
        """
        if not self._is_there():
            return []
        with self._told():
            models = self._client.search_registered_models(max_results=1000)
            return [row for model in models for row in self._versions(model)]

    def checkpoint(self, name: str, version: str, folder: Path) -> Path:
        """Copy a registered model's checkpoint into a folder.

        Raises:
            UserError: The store cannot be reached, or the model has none.
        """
        from mlflow.artifacts import download_artifacts

        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            uri = f"models:/{name}/{version}"
            copied = Path(download_artifacts(uri, dst_path=str(folder), tracking_uri=self._uri))
        found = sorted(copied.rglob("*.ckpt"))
        if not found:
            raise UserError(f"{name} {version} holds no checkpoint that can be used here")
        return found[0]

    def _versions(self, model: Any) -> list[dict[str, Any]]:
        best = {str(version) for alias, version in model.aliases.items() if alias == "best"}
        found = self._client.search_model_versions(f"name = '{model.name}'", max_results=_MOST)
        return [
            {
                "name": model.name,
                "version": str(one.version),
                "best": str(one.version) in best,
                "task": model.name.partition("-")[0],
                "metrics": self._metrics(one.run_id),
            }
            for one in found
        ]

    def _metrics(self, run_id: str | None) -> dict[str, float]:
        found = self._client.get_run(run_id).data.metrics if run_id else {}
        return {key: value for key, value in found.items() if not key.startswith(PREFIX)}

    def _is_there(self) -> bool:
        """Whether there is a store; to ask a database that is not there would make it."""
        path = self._uri.removeprefix(_SQLITE)
        return path == self._uri or Path(path).is_file()

    @cached_property
    def _client(self) -> Any:
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)  # not its database's migrations
        return MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)

    def _told(self) -> _Told:
        return _Told(self._lock, self._uri)


class _Told:
    """One at a time, and whatever MLflow raises as an error for people."""

    def __init__(self, lock: threading.Lock, uri: str) -> None:
        self._lock, self._uri = lock, uri

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._lock.release()
        from mlflow.exceptions import MlflowException

        if isinstance(error, MlflowException | OSError | ImportError):  # the last: its driver
            shown = without_password(self._uri)
            told = str(error).replace(self._uri, shown)
            raise UserError(f"MLflow cannot be read at {shown}: {told}") from error


def _run(run: Any) -> dict[str, Any]:
    final = {key: value for key, value in run.data.metrics.items() if key.startswith("test/")}
    return {
        "run_id": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "started": (run.info.start_time or 0) / 1000,
        "metrics": dict(sorted(final.items())[:_SHOWN]),
    }
