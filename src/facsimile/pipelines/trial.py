"""What a training does differently as a job of a sweep: it shares the machine, and is watched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facsimile.cores import CORES
from facsimile.errors import Pruned
from facsimile.pipelines.jobs import JOBS, in_sweep, this_job
from facsimile.pipelines.memory_turn import MemoryTurn

if TYPE_CHECKING:
    import pytorch_lightning as pl
    from omegaconf import DictConfig


def of_a_job() -> dict[str, dict[str, Any]]:
    """What callbacks are given beside their configuration where jobs share a machine."""
    if not in_sweep() or CORES not in os.environ:
        return {}
    return {"estimate": {"wait": MemoryTurn(this_job()[0] / JOBS)}}


def trial_callbacks(cfg: DictConfig) -> list[pl.Callback]:
    """What reports a trial's validations to its study, if this is a trial that may be pruned.

    It is no part of the recipe's callbacks: that a training is watched makes no other net of it.
    """
    if not in_sweep() or cfg.sweep.get("prune") is None or cfg.sweep.prune.metric is None:
        return []
    from facsimile.callbacks.prune import Prune
    from facsimile.pipelines.pruning import Reporter

    sweep, number = this_job()
    return [Prune(cfg.sweep.prune.metric, Reporter(cfg, sweep, number))]


@contextmanager
def forget_if_pruned(work: Path) -> Iterator[None]:
    """Remove what a training would resume from if it is pruned: it will not be."""
    try:
        yield
    except Pruned:
        shutil.rmtree(work, ignore_errors=True)
        raise
