"""Pictures of what the net does while it learns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import pytorch_lightning as pl
import torch
from jaxtyping import Float, UInt8
from torch import Tensor


class Previewed(Protocol):
    """A task that can show what it does with a batch."""

    def preview(self, batch: Any) -> Float[Tensor, "3 h w"]:
        """A picture in 0..1."""


@runtime_checkable
class Gallery(Protocol):
    """A logger that shows pictures by step."""

    def log_picture(self, path: Path, key: str, step: int) -> None:
        """Take a picture file."""


class Preview(pl.Callback):
    """Save the task's preview of the first validation batch, `<folder>/step_<n>.png`.

    The task gives the picture, see `Previewed`; a logger that is a `Gallery` gets the file.

    Args:
        folder: Where they go.
        write: Writes one: (path, RGB picture, step).
        every: Steps between them.
    """

    def __init__(
        self,
        folder: Path | str,
        write: Callable[[Path, UInt8[np.ndarray, "h w 3"], int], Any],
        every: int = 500,
    ) -> None:
        self.folder, self.write, self.every = Path(folder), write, every

    @torch.no_grad()
    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write the picture at the chosen interval."""
        if batch_idx or dataloader_idx or trainer.global_step % self.every:
            return
        if not trainer.is_global_zero:  # the first process has the first faces
            return
        step = trainer.global_step
        picture = cast(Previewed, pl_module).preview(batch).float().clamp(0, 1)
        levels = picture.mul(255).round().to(torch.uint8).permute(1, 2, 0)
        path = self.folder / f"step_{step:06d}.png"
        self.write(path, levels.cpu().numpy(), step)
        for logger in trainer.loggers:
            if isinstance(logger, Gallery):
                logger.log_picture(path, "preview", step)
