"""A finished run, read back whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from facsimile.errors import UserError
from facsimile.tracking.delivery import BY_STEP
from facsimile.tracking.system_metrics import PREFIX

if TYPE_CHECKING:
    from facsimile.tracking.tracker import Tracker

CONFIG = "config.yaml"


@dataclass(frozen=True)
class Recorded:
    """What MLflow holds of a run.

    Args:
        run_id: Its id.
        status: FINISHED, FAILED, KILLED or RUNNING.
        tags: Where it came from.
        metrics: By name and step, in the form `name@step`; those of the machine are left out.
        config: The text of the configuration that it was logged with.
    """

    run_id: str
    status: str
    tags: dict[str, str]
    metrics: dict[str, float]
    config: str


def recorded(tracker: Tracker, run_id: str) -> Recorded:
    """Read a run.

    Raises:
        UserError: There is no such run, or it has no configuration among its files.
    """
    from mlflow.exceptions import MlflowException

    try:
        run = tracker.client.get_run(run_id)
        with TemporaryDirectory() as folder:
            path = tracker.client.download_artifacts(run_id, CONFIG, folder)
            config = Path(path).read_text(encoding="utf-8")
    except (MlflowException, OSError) as error:
        raise UserError(
            f"run={run_id} cannot be read from logger.mlflow.tracking_uri="
            f"{tracker.store.shown}: {error}"
        ) from error
    metrics = {
        name: value
        for key, value in run.data.metrics.items()
        if not key.startswith(PREFIX)
        for name, value in _steps(tracker, run_id, key, value).items()
    }
    return Recorded(run_id, run.info.status, dict(run.data.tags), metrics, config)


def with_curves(run: Recorded, table: Path) -> Recorded:
    """The run with the curves of its `curves.csv`, as they are logged of what DVC restores."""
    import pandas as pd

    columns = pd.read_csv(table).set_index("step")
    curves = {
        f"{key}@{step}": float(value)
        for key, column in columns.items()
        if str(key).startswith(BY_STEP)
        for step, value in column.items()
        if math.isfinite(value)
    }
    others = {key: one for key, one in run.metrics.items() if not key.startswith(BY_STEP)}
    return replace(run, metrics=others | curves)


def _steps(tracker: Tracker, run_id: str, key: str, last: float) -> dict[str, float]:
    """Every value of a curve; of what was logged at a step twice, as by a resumed run, the last."""
    if not key.startswith(BY_STEP):
        return {key: last}
    history = tracker.client.get_metric_history(run_id, key)
    ordered = sorted(history, key=lambda one: one.timestamp)
    return {f"{key}@{one.step}": one.value for one in ordered}
