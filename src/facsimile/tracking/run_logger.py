"""What Lightning logs to: the run's journal, from which a thread sends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pytorch_lightning.loggers.logger import Logger
from pytorch_lightning.utilities import rank_zero_only

from facsimile.tracking.sender import Sender
from facsimile.tracking.system_metrics import SystemMetrics
from facsimile.tracking.tracker import Tracker, timed

if TYPE_CHECKING:
    from torch import Tensor


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
        """Add metrics of a step."""
        self._begin()
        values = timed([(key, float(value), step or 0) for key, value in metrics.items()])
        self._add({"do": "metrics", "values": values})

    @rank_zero_only
    def log_picture(self, path: Path, key: str, step: int) -> None:
        """Add a picture of a step, as MLflow's pages show pictures by step.

        It is the file as it is, signature included: MLflow's own function writes the pixels anew.

        Args:
            path: A PNG.
            key: What it shows; pictures of one key are shown side by side.
            step: Of the training.
        """
        self._begin()
        name = f"{key}+step+{step}+timestamp+{int(time.time() * 1000)}+{uuid4()}"
        # the page asks for a small WebP as well; a browser goes by the bytes and shows this one
        names = (f"{name}.png", f"{name}+compressed.webp")
        files = [self.sender.journal.keep(path, one) for one in names]
        self._add({"do": "files", "files": files, "below": "images"})
        self._add({"do": "tags", "tags": {"mlflow.loggedImages": "True"}})

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
