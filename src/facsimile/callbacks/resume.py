"""What a killed training resumes from."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

from facsimile.callbacks.accumulation import stepped


class Resume(Checkpoint):
    """Save `<dirpath>/resume.ckpt` every so many steps, and after every validation.

    Never before a validation: a run resumed there would go on without it, and what counts
    validations, such as a rule for stopping, would be one short. Nor between two steps: the
    gradients accumulated so far are in no checkpoint. A run that had been stopped stays stopped.

    Args:
        dirpath: The folder.
        every_n_train_steps: Steps between the saves, which validations add to.
    """

    def __init__(self, dirpath: Path | str, every_n_train_steps: int = 230) -> None:
        self.path, self.every = Path(dirpath) / "resume.ckpt", every_n_train_steps
        self.stepped, self.stopped = True, False

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint carries."""
        return {"stopped": self.stopped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where the run that is resumed was."""
        self.stopped = state_dict["stopped"]

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Do not train on what had been stopped, but not yet written."""
        trainer.should_stop = trainer.should_stop or self.stopped

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Save at the interval, unless a validation comes now."""
        self.stepped, interval = stepped(trainer, batch_idx), trainer.val_check_batch
        validates = interval is not None and (batch_idx + 1) % interval == 0
        if self.stepped and not validates and trainer.global_step % self.every == 0:
            self._save(trainer)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save, unless the validation came between two steps."""
        if self.stepped and not trainer.sanity_checking:
            self._save(trainer)

    def _save(self, trainer: pl.Trainer) -> None:
        self.stopped = trainer.should_stop
        trainer.save_checkpoint(self.path, weights_only=False)
