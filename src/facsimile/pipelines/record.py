"""Put a recipe's results into MLflow, whether they were just made or restored by DVC."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.pipelines.sweep import parent_run, tracker
from facsimile.pipelines.version import (
    Version,
    provenance_tags,
    training_config,
)

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.tracking import Tracker

VERSION_FILE = "version.yaml"
ARTIFACTS = ("config.yaml", "metrics.json", "checkpoint.ckpt", "train", "tables", "plots")


def open_run(cfg: DictConfig, version: Version) -> tuple[Tracker, str]:
    """The MLflow run of this recipe and version, with its settings logged."""
    runs = tracker(cfg)
    run_id = runs.open_run(cfg.name or cfg.task.name, version.key, parent_run())
    runs.log_settings(run_id, flatten(training_config(cfg)), provenance_tags(cfg, version))
    return runs, run_id


def record(cfg: DictConfig, folder: Path, version: Version) -> str:
    """Log metrics, curves and files of a finished recipe; returns the run's id."""
    import pandas as pd

    runs, run_id = open_run(cfg, version)
    metrics = folder / "metrics.json"
    if metrics.is_file():
        runs.log_metrics(run_id, json.loads(metrics.read_text(encoding="utf-8")))
    curves = folder / "train" / "curves.csv"
    if curves.is_file():
        runs.log_curves(run_id, pd.read_csv(curves))
    runs.log_files(run_id, [folder / name for name in ARTIFACTS])
    runs.log_files(run_id, sorted((folder / "render").glob("*/*.png")), "render")
    runs.finish(run_id)
    return run_id


def write_version(folder: Path, version: Version) -> None:
    """Leave the version beside what it made."""
    import yaml

    (folder / VERSION_FILE).write_text(yaml.safe_dump(asdict(version)), encoding="utf-8")


def read_version(folder: Path) -> Version:
    """The version that made the results in this folder."""
    import yaml

    text = (folder / "train" / VERSION_FILE).read_text(encoding="utf-8")
    return Version(**yaml.safe_load(text))


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested mapping as dotted keys.

    >>> flatten({"model": {"steps": 2}, "seed": 1})
    {'model.steps': 2, 'seed': 1}
    """
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
