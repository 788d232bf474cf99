"""What a killed training resumes from."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

NAME = "resume"


class Resume(ModelCheckpoint):
    """Save `<dirpath>/resume.ckpt` every so many steps, and after every validation.

    Never before a validation: a run resumed there would go on without it, and what counts
    validations, such as a rule for stopping, would be one short.

    Args:
        dirpath: The folder.
        every_n_train_steps: Steps between the saves, which validations add to.
    """

    def __init__(self, dirpath: Path | str, every_n_train_steps: int = 230) -> None:
        super().__init__(
            dirpath, NAME, every_n_epochs=1, save_on_train_epoch_end=False,
            enable_version_counter=False,
        )  # fmt: skip
        self.every = every_n_train_steps
        self.saved = -1

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Save at the interval, unless a validation comes now."""
        step, interval = trainer.global_step, trainer.val_check_batch
        validates = interval is not None and (batch_idx + 1) % interval == 0
        if validates or step % self.every or step == self.saved:
            return
        self.saved = step
        trainer.save_checkpoint(Path(str(self.dirpath)) / f"{NAME}.ckpt", weights_only=False)
