"""How far a training is: its steps and its loss, and what each validation measured."""

from contextlib import ExitStack
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ProgressBar
from rich.progress import TaskID

from facsimile.callbacks.accumulation import stepped
from facsimile.media.progress import StreamProgress


class TrainingProgress(ProgressBar):
    """A line that counts steps, as recipes do, and one that stays for every validation.

    It shows what tasks log for a progress bar, and looks only where that is logged: each look
    waits for the device.
    """

    def __init__(self) -> None:
        super().__init__()
        self._enabled = True
        self._open = ExitStack()
        self._lines: StreamProgress | None = None
        self._training = self._validation = TaskID(0)

    def enable(self) -> None:
        """Show it."""
        self._enabled = True

    def disable(self) -> None:
        """Show nothing: another process does."""
        self._enabled = False

    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        """Begin the line, of a resumed training where that stands."""
        if self._enabled:
            self._lines = self._open.enter_context(StreamProgress("{task.fields[told]}"))
            self._training = self._lines.begin(
                "train", trainer.max_steps, trainer.global_step, told=""
            )

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Count a step once its last batch is through."""
        if self._lines is not None and stepped(trainer, batch_idx):
            logs = trainer.global_step % trainer.log_every_n_steps == 0  # type: ignore[attr-defined]
            told = {"told": _told(trainer, "train/")} if logs else {}
            self._lines.advance(self._training, 1, **told)

    def on_validation_start(self, trainer: pl.Trainer, *_: Any) -> None:
        """Begin a line for the validation."""
        if self._lines is not None:
            total = int(sum(trainer.num_val_batches))
            self._validation = self._lines.begin("validate", total, told="")

    def on_validation_batch_end(self, *_: Any) -> None:
        """Count its batches."""
        if self._lines is not None:
            self._lines.advance(self._validation, 1)

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Tell what it measured."""
        if self._lines is not None:
            self._lines.end(self._validation)
            self._lines.say(f"step {trainer.global_step}: {_told(trainer, 'val/')}")

    def on_exception(self, *_: Any) -> None:
        """Leave the terminal as it was: what is interrupted or fails is not torn down."""
        self.teardown()

    def teardown(self, *_: Any, **__: Any) -> None:
        """Leave the terminal as it was."""
        self._open.close()
        self._lines = None


def _told(trainer: pl.Trainer, prefix: str) -> str:
    shown = trainer.progress_bar_metrics.items()
    return "  ".join(f"{key} {value:.4g}" for key, value in shown if key.startswith(prefix))
