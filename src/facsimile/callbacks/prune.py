"""Ends a training that is not worth going on with."""

from collections.abc import Callable

import pytorch_lightning as pl

from facsimile.errors import Pruned, UserError


class Prune(pl.Callback):
    """Report a metric of every validation, and stop where the answer is yes.

    Args:
        metric: Its key, as val/loss.
        report: Takes the value and the step; says whether to stop.

    Raises:
        Pruned: The answer was yes.
        UserError: The task logs no such metric; it names those that it does.
    """

    def __init__(self, metric: str, report: Callable[[float, int], bool]) -> None:
        self.metric, self.report = metric, report

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report, on one process for all."""
        if trainer.sanity_checking:
            return
        value, step = self._value(trainer), trainer.global_step
        stop = trainer.is_global_zero and self.report(value, step)
        if trainer.strategy.broadcast(stop):
            raise Pruned(f"{self.metric} was {value:.6g} at step {step}")

    def _value(self, trainer: pl.Trainer) -> float:
        known = trainer.callback_metrics
        if self.metric not in known:
            there = ", ".join(key for key in known if key.startswith("val/"))
            raise UserError(f"sweep.prune.metric={self.metric}: validations measure {there}")
        return float(known[self.metric])
