"""Whether a training has nothing left to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facsimile.pipelines.learnt import pretrains
from facsimile.pipelines.ranks import is_first
from facsimile.pipelines.record import (
    MEASUREMENT,
    METRICS,
    VERSION_FILE,
    is_recorded,
    open_run,
    read_measurement,
    read_version,
    record,
)
from facsimile.pipelines.version import Version, measurement

if TYPE_CHECKING:
    from omegaconf import DictConfig


def tell_if_finished(cfg: DictConfig, output: Path, version: Version) -> bool:
    """Say so, and see that MLflow has it, where the results in the folder are of this very version.

    Code, data and settings are the same then, so a training would make the same again.
    """
    if not _is_trained(output, version):
        return False
    if cfg.evaluate and not pretrains(cfg) and not _is_measured(cfg, output, version):
        return False
    if not is_first():
        return True
    measured = measurement(cfg, version)
    runs, run_id = open_run(cfg, version, measured)
    if (output / METRICS).is_file() and not is_recorded(runs, run_id, output):
        record(cfg, output, version, measured)
    runs.finish(run_id)
    print(f"{output} is finished: same settings, data and code; remove it to train again")
    return True


def _is_trained(output: Path, version: Version) -> bool:
    made = (output / "checkpoint.ckpt", output / "train" / VERSION_FILE)
    return all(path.is_file() for path in made) and read_version(output) == version


def _is_measured(cfg: DictConfig, output: Path, version: Version) -> bool:
    metrics, table = output / METRICS, output / "tables" / f"{MEASUREMENT}.parquet"
    if not metrics.is_file() or not table.is_file():
        return False
    # metrics are written last: those of an evaluation that was killed are older than its tables
    if metrics.stat().st_mtime < table.stat().st_mtime:
        return False
    return read_measurement(output) == measurement(cfg, version)
