"""Keep the curves of a training in its checkpoint, so that a resumed run has them whole."""

from typing import Any

import pandas as pd
import pytorch_lightning as pl

from facsimile.callbacks.accumulation import stepped


class History(pl.Callback):
    """One row a logged step: `step` and every metric that the task logged, learning rate included.

    The rows travel in the checkpoint: a run killed and resumed ends with the same table. `every`
    is the trainer's own logging interval.
    """

    def __init__(self, every: int) -> None:
        self.every = every
        self.rows: dict[int, dict[str, float]] = {}

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Add a row at the logging interval, of the batch that completed the step."""
        if stepped(trainer, batch_idx) and trainer.global_step % self.every == 0:
            rate = float(trainer.optimizers[0].param_groups[0]["lr"])
            self._add(trainer, {"train/lr": rate}, "train/")

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Add the validation's means to the row of its step."""
        self._add(trainer, {}, "val/")

    def table(self) -> pd.DataFrame:
        """The curves, one row a step in order, empty where a metric was not measured."""
        frame = pd.DataFrame.from_dict(self.rows, orient="index").sort_index()
        return frame.rename_axis("step").reset_index()

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint carries."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the rows of the run that is resumed."""
        self.rows = dict(state_dict["rows"])

    def _add(self, trainer: pl.Trainer, extra: dict[str, float], prefix: str) -> None:
        logged = trainer.callback_metrics.items()
        values = {key: float(value) for key, value in logged if key.startswith(prefix)}
        self.rows.setdefault(trainer.global_step, {}).update(values | extra)
