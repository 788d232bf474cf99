"""Training of a net that restores degraded images."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torchmetrics import MetricCollection

Images = Float[Tensor, "b 3 h w"]
Batch = Sequence[Images]


class Enhancement(pl.LightningModule):
    """The net learns to turn degraded images (lq) back into what they were (gt).

    A batch is (lq, gt), RGB in 0..1.

    Args:
        net: Degraded images to restored ones of the same size.
        loss: `(preds, gt) -> scalar`.
        optimizer: Makes an optimizer of parameters.
        scheduler: Makes a per-step schedule of an optimizer.
        metrics: What to log of the validation images, as `val/<name>`.
    """

    def __init__(
        self,
        net: nn.Module,
        loss: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        scheduler: Callable[[Optimizer], LRScheduler],
        metrics: MetricCollection,
    ) -> None:
        super().__init__()
        self.net = net.to(memory_format=torch.channels_last)
        self.loss = loss
        self.optimizer, self.scheduler = optimizer, scheduler
        self.metrics = metrics.clone(prefix="val/")

    def forward(self, lq: Images) -> Images:
        """Return the restored images, float32 and not clamped."""
        restored: Images = self.net(lq).float()
        return restored

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        lq, gt = batch
        loss: Tensor = self.loss(self(lq), gt)
        self.log("train/loss", loss.detach(), prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure the restored images as they would be seen, in 0..1."""
        lq, gt = batch
        preds = self(lq)
        self.log("val/loss", self.loss(preds, gt), batch_size=len(gt))
        with torch.autocast(self.device.type, enabled=False):  # SSIM fails in bf16
            self.metrics.update(preds.float().clamp(0, 1), gt)

    def on_validation_epoch_end(self) -> None:
        """Log the means over the validation images."""
        self.log_dict(self.metrics.compute(), prog_bar=True)
        self.metrics.reset()

    def preview(self, batch: Batch, count: int = 8) -> Float[Tensor, "3 y x"]:
        """Show the first images, one a column: degraded, restored, as they were."""
        lq, gt = (images[:count] for images in batch)
        rows = [lq, self(lq).clamp(0, 1), gt]
        return torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)

    def configure_optimizers(self) -> Any:
        """One optimizer for all of the net, its rate set at every step."""
        optimizer = self.optimizer(self.net.parameters())
        schedule = {"scheduler": self.scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}
