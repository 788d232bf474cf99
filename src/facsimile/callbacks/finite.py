"""Stop a training whose loss is no longer a number."""

from typing import Any

import pytorch_lightning as pl
import torch

from facsimile.errors import UserError


class StopWhenNotFinite(pl.Callback):
    """End the training at the first step whose loss is NaN or infinite.

    Raises:
        UserError: names the step; the last good checkpoint stays in the work folder.
    """

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any
    ) -> None:
        """Look at the loss that the step returned."""
        loss = outputs["loss"] if isinstance(outputs, dict) else outputs
        if loss is not None and not torch.isfinite(loss).all():
            raise UserError(
                f"the training diverged: loss {loss.item()} at step {trainer.global_step}; "
                "lower optimizer.lr, or set trainer.gradient_clip_val"
            )
