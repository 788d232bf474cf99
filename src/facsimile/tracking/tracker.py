"""What is logged of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.media.files import sha256
from facsimile.tracking.names import valid_name
from facsimile.tracking.pictures import THERE, picture_entry
from facsimile.tracking.runs import Runs, now

if TYPE_CHECKING:
    import pandas as pd

    from facsimile.tracking.run_logger import RunLogger

PARAM, TAG = 6000, 8000  # characters that MLflow keeps of one


class Tracker(Runs):
    """Runs with all that is logged of them."""

    def logger(self, run_id: str, system_metrics: float | None = None) -> RunLogger:
        """A Lightning logger that writes into the run while it trains.

        Args:
            run_id: Which.
            system_metrics: Seconds between samples of processor, memory, disk and network.
        """
        from facsimile.tracking.run_logger import RunLogger

        return RunLogger(self, self._sender(run_id), run_id, system_metrics)

    def log_settings(self, run_id: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Log the flat configuration and where it came from; what is there already stays."""
        kept = {valid_name(key): str(value)[:PARAM] for key, value in params.items()}
        self._log(run_id, do="settings", params=kept, tags=_cut(tags))

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, whatever they were."""
        self._log(run_id, do="tags", tags=_cut(tags))

    def log_metrics(self, run_id: str, metrics: Mapping[str, float | None]) -> None:
        """Log final metrics; what is not a finite number is left out."""
        values = [(key, value, 0) for key, value in metrics.items()]
        self._log(run_id, do="metrics", values=timed(values))

    def log_curves(self, run_id: str, curves: pd.DataFrame) -> None:
        """Log a table of `step` and metrics, unless the run has these curves already."""
        values = [
            (column, value, int(step))
            for column in curves.columns
            if column != "step"
            for step, value in zip(curves["step"], curves[column], strict=True)
        ]
        self._log(run_id, do="curves", values=timed(values))

    def log_inputs(self, run_id: str, datasets: Sequence[Mapping[str, Any]]) -> None:
        """Log what data a run read.

        Args:
            run_id: Which run.
            datasets: Of each `context` (training, testing) and `dataset`: MLflow's `name`,
                `digest` of up to 36 characters, `source_type`, `source` and `profile`, as JSON.
        """
        self._log(run_id, do="inputs", datasets=[*map(dict, datasets)])

    def log_files(self, run_id: str, paths: Sequence[Path], below: str = "") -> None:
        """Copy files and folders into the run's artifacts."""
        journal = self._sender(run_id).journal
        for path in paths:
            if path.is_dir() or path.is_file():
                self._log(run_id, do="files", files=[journal.keep(path)], below=below)

    def log_pictures(self, run_id: str, paths: Sequence[Path], step: int) -> None:
        """Show pictures at a step of the run, each by the name of its file."""
        journal = self._sender(run_id).journal
        for path in paths:
            self._log(run_id, **picture_entry(journal, path, path.stem, step))
        if paths:
            self._log(run_id, **THERE)

    def log_model(self, run_id: str, folder: Path, **described: Any) -> None:
        """Register a saved model, as `best` of its name if it is: see `registry.register`."""
        kept = self._sender(run_id).journal.keep(folder)
        self._log(run_id, do="model", files=[kept], **described)

    def log_once(self, run_id: str, path: Path, below: str = "") -> None:
        """Copy a file into the run's artifacts, unless it is not there or the run has it."""
        if path.is_file() and not self.has_file(run_id, path, below):
            self.log_files(run_id, [path], below)
            self.tag(run_id, {_hash_tag(path, below): sha256(path)})

    def has_file(self, run_id: str, path: Path, below: str = "") -> bool:
        """Whether `log_once` has put these very bytes into the run."""
        return self.tags(run_id).get(_hash_tag(path, below)) == sha256(path)


def timed(values: Sequence[tuple[str, float | None, int]]) -> list[tuple[str, float, int, int]]:
    """Name, value, time now in ms and step of what is a finite number."""
    present = now()
    return [
        (valid_name(key), float(value), present, step)
        for key, value, step in values
        if value is not None and math.isfinite(value)
    ]


def _cut(tags: Mapping[str, str]) -> dict[str, str]:
    return {valid_name(key): value[:TAG] for key, value in tags.items()}


def _hash_tag(path: Path, below: str) -> str:
    return f"sha256.{below}/{path.name}" if below else f"sha256.{path.name}"
