"""Pictures of what the net does while it learns."""

from pathlib import Path
from typing import Any, Protocol, cast

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.utils import save_image


class Previewed(Protocol):
    """A task that can show what it does with a batch."""

    def preview(self, batch: Any) -> Float[Tensor, "3 h w"]:
        """A picture in 0..1."""


class Preview(pl.Callback):
    """Save the task's preview of the first validation batch, `<folder>/step_<n>.png`.

    The task gives the picture, see `Previewed`.
    """

    def __init__(self, folder: Path | str, every: int = 500) -> None:
        self.folder = Path(folder)
        self.every = every

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
        self.folder.mkdir(parents=True, exist_ok=True)
        picture = cast(Previewed, pl_module).preview(batch).float().clamp(0, 1)
        save_image(picture, self.folder / f"step_{trainer.global_step:06d}.png")
