"""Where a training stands whose gradients accumulate over several batches."""

import pytorch_lightning as pl


def stepped(trainer: pl.Trainer, batch_idx: int) -> bool:
    """Whether the optimizer made its step with this batch, so that no gradient is pending."""
    return (batch_idx + 1) % trainer.accumulate_grad_batches == 0
