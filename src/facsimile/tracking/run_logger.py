"""What Lightning logs to: the run's journal, from which a thread sends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytorch_lightning.loggers.logger import Logger
from pytorch_lightning.utilities import rank_zero_only

from facsimile.tracking.pictures import THERE, picture_entry
from facsimile.tracking.sender import Sender
from facsimile.tracking.system_metrics import SystemMetrics
from facsimile.tracking.tracker import TAG, Tracker, timed

if TYPE_CHECKING:
    from torch import Tensor

NOT_FINITE = "not_finite"  # the tag of what became infinite, or no number at all


class RunLogger(Logger):
    """Adds metrics and pictures to a journal; the training waits for nothing else.

    Args:
        tracker: Of the run.
        sender: The run's way to the store.
        run_id: Of the run.
        system_metrics: Seconds between samples of the machine's; None: there are none.
    """

    def __init__(
        self, tracker: Tracker, sender: Sender, run_id: str, system_metrics: float | None
    ) -> None:
        super().__init__()
        self.tracker, self.sender, self.run_id = tracker, sender, run_id
        self.interval = system_metrics
        self._system: SystemMetrics | None = None
        self._lost: dict[str, int] = {}  # what was no number, and from which step on

    @property
    def name(self) -> str:
        """The experiment's."""
        return self.tracker.experiment_name

    @property
    def version(self) -> str:
        """The run's id."""
        return self.run_id

    @rank_zero_only
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the whole configuration is logged before a training starts."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float | Tensor], step: int | None = None) -> None:
        """Add metrics of a step, which Lightning counts from 0: here, as in curves.csv, from 1.

        Lightning's `epoch` is left out: a recipe counts steps. So is what is not a finite number;
        from which step on that was, a tag tells.
        """
        self._begin()
        done = (step or 0) + 1
        values = {key: float(value) for key, value in metrics.items() if key != "epoch"}
        self._add({"do": "metrics", "values": timed([(k, v, done) for k, v in values.items()])})
        lost = {k: done for k, v in values.items() if not math.isfinite(v)} | self._lost
        if lost != self._lost:
            self._lost = lost
            told = ", ".join(f"{key} from step {first}" for key, first in lost.items())
            self._add({"do": "tags", "tags": {NOT_FINITE: told[:TAG]}})

    @rank_zero_only
    def log_picture(self, path: Path, key: str, step: int) -> None:
        """Add a picture of a step, a PNG: see `pictures.picture_entry`."""
        self._begin()
        self._add(picture_entry(self.sender.journal, path, key, step))
        self._add(THERE)

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """End the threads and send what is left, if the store is there."""
        if self._system is not None:
            self._system.stop()
            self._system = None
        self.sender.stop()
        self.sender.send()

    def _begin(self) -> None:
        """Start the threads with what is logged first: only then does the training run."""
        self.sender.start()
        if self.interval is not None and self._system is None:
            self._system = SystemMetrics(self._log_system, self.interval)
            self._system.start()

    def _log_system(self, values: dict[str, float], number: int) -> None:
        self._add({"do": "metrics", "values": timed([(k, v, number) for k, v in values.items()])})

    def _add(self, entry: dict[str, Any]) -> None:
        self.sender.journal.append(entry)
        self.sender.wake()
