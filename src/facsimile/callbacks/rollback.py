"""Go back to the last good state of a training that diverges, and go on more slowly."""

import math
import warnings
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytorch_lightning as pl
import torch

from facsimile.errors import UserError

RATES = ("lr", "initial_lr", "max_lr", "min_lr")  # what schedules compute from, in a group


class Rollback(pl.Callback):
    """Take back weights, optimizer state and averages where the loss is no number or collapses.

    The loss has collapsed when for `patience` steps on end it is far above its last `window`
    values: above their median by more than `spike` times their spread, which is the distance of
    their quartiles, or a tenth of the median where that is more. A loss may be negative; where
    gradients accumulate, each batch's is looked at.

    What it goes back to is a snapshot that has been followed by `every` steps without trouble, or
    the beginning. The steps and the data go on, so a resumed run does the same; every rate is
    multiplied by `factor`, for good.

    Args:
        folder: Where the snapshots are, at most three of them, each as large as a checkpoint.
        every: Steps between snapshots.
        factor: Of the learning rate, at each return.
        spike: How many times the spread the loss may be above the median.
        window: Steps of the median and of the spread.
        patience: Steps on end that make a collapse.
        limit: Returns at most.

    Raises:
        UserError: The training diverges once more after `limit` returns.
    """

    def __init__(
        self,
        folder: Path | str,
        every: int = 500,
        factor: float = 0.5,
        spike: float = 10.0,
        window: int = 50,
        patience: int = 10,
        limit: int = 3,
    ) -> None:
        self.folder, self.every, self.factor = Path(folder), every, factor
        self.spike, self.window, self.patience, self.limit = spike, window, patience, limit
        self.recent: list[float] = []
        self.streak = 0
        self.snapshots: list[int] = []  # steps of the proven one and of the one still to prove
        self.returns: list[list[int]] = []  # from which step to which

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint carries."""
        names = ("recent", "streak", "snapshots", "returns")
        return {name: _copied(getattr(self, name)) for name in names}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where the run that is resumed was."""
        self.__dict__.update({name: _copied(value) for name, value in state_dict.items()})

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the beginning."""
        if not self.snapshots:
            self._keep(trainer)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any
    ) -> None:
        """Judge the step's loss, then go back, keep a snapshot or do nothing."""
        loss = outputs["loss"] if isinstance(outputs, dict) else outputs
        if loss is None:
            return
        value = float(trainer.strategy.reduce(loss.detach(), reduce_op="mean"))
        if self._in_trouble(value):
            self._go_back(trainer, pl_module, value)
        elif trainer.global_step % self.every == 0 and not self.streak:
            self._keep(trainer)

    def _in_trouble(self, loss: float) -> bool:
        if not math.isfinite(loss):
            return True
        if len(self.recent) == self.window and loss > self._highest():
            self.streak += 1
            return self.streak >= self.patience
        self.streak = 0
        self.recent = [*self.recent, loss][-self.window :]
        return False

    def _highest(self) -> float:
        lower, median, upper = quantiles(self.recent, n=4)
        return median + self.spike * max(upper - lower, abs(median) / 10)

    def _keep(self, trainer: pl.Trainer) -> None:
        """Save this step; the snapshot before it has now proved good, the one before that goes."""
        step = trainer.global_step
        if step in self.snapshots:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # one more is kept: a run killed before its own checkpoint resumes from an earlier step
        old, self.snapshots = self.snapshots[:-1], [*self.snapshots[-1:], step]
        trainer.save_checkpoint(self._path(step), weights_only=False)
        for path in self.folder.glob("step_*.ckpt") if trainer.is_global_zero else ():
            if path not in [self._path(kept) for kept in (*old, *self.snapshots)]:
                path.unlink()

    def _path(self, step: int) -> Path:
        return self.folder / f"step_{step:06d}.ckpt"

    def _go_back(self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: float) -> None:
        step, good = trainer.global_step, self.snapshots[0]
        if len(self.returns) >= self.limit:
            raise UserError(
                f"the training diverged: loss {loss} at step {step}, after {self.limit} returns "
                "to an earlier state at a lower rate; lower optimizer.lr, or set "
                "trainer.gradient_clip_val"
            )
        self._restore(trainer, pl_module, self._path(good))
        self._slow_down(trainer)
        self.returns.append([step, good])
        self.snapshots, self.recent, self.streak = [good], [], 0
        warnings.warn(
            f"loss {loss} at step {step}: back to the weights of step {good}, learning rate "
            f"times {self.factor}",
            stacklevel=2,
        )

    def _restore(self, trainer: pl.Trainer, pl_module: pl.LightningModule, path: Path) -> None:
        if not path.is_file():
            raise UserError(f"the training diverged and {path}, to return to, is gone: start anew")
        pl_module.zero_grad()  # what has accumulated of the step may be no number either
        saved = torch.load(path, map_location=pl_module.device, weights_only=True)
        pl_module.load_state_dict(saved["state_dict"])
        for callback in trainer.callbacks:  # type: ignore[attr-defined]
            callback.on_load_checkpoint(trainer, pl_module, saved)  # averages of the weights
        for optimizer, state in zip(trainer.optimizers, saved["optimizer_states"], strict=True):
            # the rate and the momentum of this step, not of that one
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state["state"], "param_groups": groups})

    def _slow_down(self, trainer: pl.Trainer) -> None:
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group.update({key: group[key] * self.factor for key in RATES if key in group})
        for config in trainer.lr_scheduler_configs:
            rates = getattr(config.scheduler, "base_lrs", [])
            config.scheduler.base_lrs = [rate * self.factor for rate in rates]


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
