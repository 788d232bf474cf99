"""Put every recipe's results into MLflow, those that DVC restored from its cache included."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.pipelines.record import read_version, record

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from facsimile.tracking import Tracker


def run(cfg: DictConfig) -> None:
    """Log what MLflow lacks of the run lists in params.yaml."""
    for name in [str(name) for recipes in cfg.params.experiments.values() for name in recipes]:
        folder = Path(cfg.paths.experiments, name)
        if not (folder / "metrics.json").is_file() or not (folder / "train").is_dir():
            print(f"{name}: no results yet (`make repro` makes them)")
            continue
        recipe = compose_recipe(cfg, name)
        print(f"{name}: MLflow run {ensure_recorded(recipe, folder)}")


def ensure_recorded(cfg: DictConfig, folder: Path) -> str:
    """The id of the recipe's run, logged now unless it is complete already."""
    from facsimile.pipelines.sweep import tracker

    runs: Tracker = tracker(cfg)
    version = read_version(folder)
    known = runs.find_run(version.key)
    if known is not None and runs.is_finished(known):
        return known
    return record(cfg, folder, version)


def compose_recipe(cfg: DictConfig, name: str) -> DictConfig:
    """The configuration of another recipe, below the same paths and logger."""
    from hydra import compose

    recipe = compose("config", [f"experiment={name}"])
    recipe.paths = cfg.paths
    recipe.logger = cfg.logger
    return recipe
