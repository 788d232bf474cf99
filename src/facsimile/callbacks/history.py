"""Keep the curves of a training in its checkpoint, so that a resumed run has them whole."""

from typing import Any

import pandas as pd
import pytorch_lightning as pl
import torch
from torch import Tensor

from facsimile.callbacks.accumulation import stepped


class History(pl.Callback):
    """One row a logged step: `step` and every metric that the task logged, learning rate included.

    What is logged of training batches stands there as the mean since the row before, of those
    where it is a number (`Rollback` cures the others). Rows and sums travel in the checkpoint: a
    run killed and resumed ends with the same table.

    Args:
        every: Steps of a row.
        epoch: Steps that the table counts as one, in a column `epoch`; None: there is none.
    """

    def __init__(self, every: int, epoch: int | None = None) -> None:
        self.every, self.epoch = every, epoch
        self.rows: dict[int, dict[str, float]] = {}
        self.sums: dict[str, Tensor | float] = {}
        self.counts: dict[str, Tensor | float] = {}

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Add the batch to the means; at the interval they become the row of the step it ended."""
        for key, value in _logged(trainer, "train/").items():  # a float would wait for the device
            self.sums[key] = self.sums.get(key, 0.0) + torch.nan_to_num(value, 0.0, 0.0, 0.0)
            self.counts[key] = self.counts.get(key, 0.0) + torch.isfinite(value)
        if stepped(trainer, batch_idx) and trainer.global_step % self.every == 0:
            counts = {key: float(count) for key, count in self.counts.items()}
            means = {key: float(self.sums[key]) / n for key, n in counts.items() if n}
            rate = float(trainer.optimizers[0].param_groups[0]["lr"])
            self._add(trainer, means | {"train/lr": rate})
            self.sums, self.counts = {}, {}

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Add the validation's means to the row of its step."""
        self._add(trainer, {key: float(value) for key, value in _logged(trainer, "val/").items()})

    def table(self) -> pd.DataFrame:
        """The curves, one row a step in order, empty where a metric was not measured."""
        frame = pd.DataFrame.from_dict(self.rows, orient="index").sort_index()
        frame = frame.rename_axis("step").reset_index()
        if self.epoch is not None:
            frame.insert(1, "epoch", frame["step"] / self.epoch)
        return frame

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint carries."""
        sums, counts = (
            {key: float(value) for key, value in values.items()}
            for values in (self.sums, self.counts)
        )
        return {"rows": self.rows, "sums": sums, "counts": counts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the rows of the run that is resumed."""
        self.rows, self.sums, self.counts = (
            dict(state_dict[name]) for name in ("rows", "sums", "counts")
        )

    def _add(self, trainer: pl.Trainer, values: dict[str, float]) -> None:
        self.rows.setdefault(trainer.global_step, {}).update(values)


def _logged(trainer: pl.Trainer, prefix: str) -> dict[str, Tensor]:
    return {key: v for key, v in trainer.callback_metrics.items() if key.startswith(prefix)}
