"""Put a recipe's results into MLflow, whether they were just made or restored by DVC."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.pipelines.jobs import note_run
from facsimile.pipelines.origin import inputs_of, provenance_tags, run_name
from facsimile.pipelines.sweep import parent_run, tracker
from facsimile.pipelines.tracked_model import log_model
from facsimile.pipelines.version import Measurement, Version, measuring_config, training_config

if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig

    from facsimile.tracking import Tracker

VERSION_FILE = "version.yaml"
METRICS = "metrics.json"
HOW_BUILT = ("._partial_", "._convert_", "._recursive_")  # Hydra's own: no run differs in them
MEASUREMENT = "measurement"  # a table, so that it is written and replaced with the others
ARTIFACTS = ("config.yaml", "checkpoint.ckpt", "train", "tables", "plots")


def open_run(cfg: DictConfig, version: Version, measured: Measurement) -> tuple[Tracker, str]:
    """The MLflow run of this recipe, version and way of measuring, with its settings logged."""
    runs = tracker(cfg)
    run_id = runs.open_run(run_name(cfg, measured), measured.key, parent_run())
    note_run(run_id)
    settings = flatten(training_config(cfg) | measuring_config(cfg))
    told = {key: value for key, value in settings.items() if not key.endswith(HOW_BUILT)}
    runs.log_settings(run_id, told, provenance_tags(cfg, version, measured))
    runs.log_inputs(run_id, inputs_of(cfg, version))
    return runs, run_id


def record(cfg: DictConfig, folder: Path, version: Version, measured: Measurement) -> str:
    """Log metrics, curves and files of a finished recipe; returns the run's id."""
    import pandas as pd

    runs, run_id = open_run(cfg, version, measured)
    metrics = folder / METRICS
    checkpoint = folder / "checkpoint.ckpt"
    if metrics.is_file():
        values = json.loads(metrics.read_text(encoding="utf-8"), parse_int=float)
        runs.log_metrics(run_id, values)
        if checkpoint.is_file():
            log_model(cfg, runs, run_id, checkpoint, values, measured)
    curves = folder / "train" / "curves.csv"
    if curves.is_file():
        runs.log_curves(run_id, pd.read_csv(curves))
    runs.log_files(run_id, [folder / name for name in ARTIFACTS])
    runs.log_files(run_id, sorted((folder / "render").glob("*/*.png")), "render")
    runs.log_pictures(run_id, figures(folder), int(cfg.trainer.max_steps))
    if metrics.is_file():
        runs.log_once(run_id, metrics)  # the last: it stands for a complete run
    runs.finish(run_id)
    return run_id


def figures(folder: Path) -> list[Path]:
    """The pictures that an evaluation left of a finished net."""
    found = [path for path in folder.glob("plots/*") if path.suffix in (".png", ".jpg")]
    return sorted(found)


def is_recorded(runs: Tracker, run_id: str, folder: Path) -> bool:
    """Whether the run has ended with the metrics that lie in the folder."""
    return runs.is_finished(run_id) and runs.has_file(run_id, folder / METRICS)


def write_version(folder: Path, version: Version) -> None:
    """Leave the version beside what it made."""
    import yaml

    (folder / VERSION_FILE).write_text(yaml.safe_dump(asdict(version)), encoding="utf-8")


def read_version(folder: Path) -> Version:
    """The version that made the checkpoint in this folder."""
    import yaml

    text = (folder / "train" / VERSION_FILE).read_text(encoding="utf-8")
    return Version(**yaml.safe_load(text))


def measurement_table(measured: Measurement) -> pd.DataFrame:
    """One row, to lie beside the tables of the results that it tells of."""
    import pandas as pd

    return pd.DataFrame([asdict(measured)])


def read_measurement(folder: Path) -> Measurement | None:
    """How the results in this folder were measured; None where they do not say of which net."""
    import pandas as pd

    path = folder / "tables" / f"{MEASUREMENT}.parquet"
    if not path.is_file():
        return None
    row = pd.read_parquet(path).iloc[0]
    return Measurement(row["training"], row["config"], row["code"])


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
