"""Put into MLflow what it lacks: logged while it was away, made or restored by DVC, the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.pipelines.record import (
    METRICS,
    VERSION_FILE,
    is_recorded,
    read_measurement,
    read_version,
    record,
)
from facsimile.pipelines.version import Measurement, Version, is_of

if TYPE_CHECKING:
    from omegaconf import DictConfig


def run(cfg: DictConfig) -> None:
    """Send what was kept for a server that was away, then what the run lists in params.yaml made.

    Raises:
        UserError: MLflow cannot be reached now either.
    """
    from facsimile.pipelines.sweep import tracker

    cfg.logger.mlflow.when_away = "refuse"
    for told in tracker(cfg).send_kept():
        print(told)
    for name in [str(name) for recipes in cfg.params.experiments.values() for name in recipes]:
        print(f"{name}: {_track(compose_recipe(cfg, name), Path(cfg.paths.experiments, name))}")


def _track(cfg: DictConfig, folder: Path) -> str:
    """Record one recipe, the report with it; returns what to say of it."""
    from facsimile.pipelines.sweep import tracker

    if not (folder / METRICS).is_file() or not (folder / "train" / VERSION_FILE).is_file():
        return "no results yet (`make repro` makes them)"
    version, measured = read_version(folder), read_measurement(folder)
    if measured is None or measured.training != version.key:
        return f"the results in {folder} are of another checkpoint: not recorded"
    run_id = ensure_recorded(cfg, folder, version, measured)
    if run_id is None:
        return f"the recipe is another since {folder} was made: not recorded (`make repro`)"
    tracker(cfg).log_once(run_id, Path(cfg.paths.report, "index.html"), "report")
    return f"MLflow run {run_id}"


def ensure_recorded(
    cfg: DictConfig, folder: Path, version: Version, measured: Measurement
) -> str | None:
    """The id of the results' run, logged now unless it is complete already.

    None where it is not and the configuration is no longer the one that made them.
    """
    from facsimile.pipelines.sweep import tracker

    runs = tracker(cfg)
    known = runs.find_run(measured.key)
    if known is not None and is_recorded(runs, known, folder):
        return str(known)
    return record(cfg, folder, version, measured) if is_of(cfg, version) else None


def compose_recipe(cfg: DictConfig, name: str) -> DictConfig:
    """The configuration of another recipe, below the same paths and logger."""
    from hydra import compose

    recipe = compose("config", [f"experiment={name}"])
    recipe.paths = cfg.paths
    recipe.logger = cfg.logger
    return recipe
