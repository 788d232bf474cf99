"""Processor, memory, disk, network and accelerator while a training runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

PREFIX = "system/"


class SystemMetrics:
    """MLflow's own measures, by its names, from a thread of its own.

    MLflow's own thread asks the server at every sample, and ends when that is away.

    Args:
        log: Takes the values and the number of the sample.
        every: Seconds between samples.
    """

    def __init__(self, log: Callable[[dict[str, float], int], None], every: float) -> None:
        self.log, self.every = log, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="system-metrics", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """End; what was not logged is left out."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        monitors, number = _monitors(), 0
        while not self._ended.wait(self.every):
            values: dict[str, float] = {}
            for monitor in monitors:
                monitor.collect_metrics()
                values |= monitor.aggregate_metrics()
                monitor.clear_metrics()
            self.log({f"{PREFIX}{key}": value for key, value in values.items()}, number)
            number += 1


def _monitors() -> list[Any]:
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
    from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

    kinds: list[Any] = [CPUMonitor, DiskMonitor, NetworkMonitor]
    accelerator: Any = GPUMonitor
    monitors = [kind() for kind in kinds]
    try:
        return [*monitors, accelerator()]
    except Exception:  # whatever its driver raises: there is none
        return monitors
