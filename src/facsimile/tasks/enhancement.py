"""Training of a net that restores degraded images."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torchmetrics import MetricCollection

from facsimile.errors import UserError

Images = Float[Tensor, "b 3 h w"]
Degraded = Float[Tensor, "b 3 y x"]
Batch = Sequence[Float[Tensor, "b 3 _ _"]]


class Enhancement(pl.LightningModule):
    """The net learns to turn degraded images (lq) back into what they were (gt).

    A batch is (lq, gt), RGB in 0..1; lq is smaller where the net enlarges.

    Args:
        net: Degraded images to restored ones, as large as gt.
        loss: `(preds, gt) -> scalar`.
        optimizer: Makes an optimizer of parameters.
        scheduler: Makes a per-step schedule of an optimizer.
        metrics: What to log of the validation images, as `val/<name>`.
        compared: Which of the metrics say little alone. They are also logged of what was not
            restored and of pictures that are red all over, as `val/no_op/<name>` and
            `val/constant_red/<name>`, and of each training batch, as `train/<name>`.

    Raises:
        UserError: A metric that is to be compared is not among them.
    """

    def __init__(
        self,
        net: nn.Module,
        loss: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        scheduler: Callable[[Optimizer], LRScheduler],
        metrics: MetricCollection,
        compared: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.net = net.to(memory_format=torch.channels_last)
        self.loss = loss
        self.optimizer, self.scheduler = optimizer, scheduler
        self.metrics = metrics.clone(prefix="val/")
        chosen = _chosen(metrics, compared)
        self.train_metrics = chosen.clone(prefix="train/")
        self.no_op_metrics = chosen.clone(prefix="val/no_op/")
        self.constant_red_metrics = chosen.clone(prefix="val/constant_red/")

    def forward(self, lq: Degraded) -> Images:
        """Return the restored images, float32 and not clamped."""
        restored: Images = self.net(lq).float()
        return restored

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        lq, gt = batch
        preds = self(lq)
        loss: Tensor = self.loss(preds, gt)
        self.log("train/loss", loss.detach(), prog_bar=True, sync_dist=True)
        self.train_metrics.reset()
        self.train_metrics.update(preds.detach().clamp(0, 1), gt)
        self.log_dict(self.train_metrics.compute())
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure the restored images as they would be seen, in 0..1."""
        lq, gt = batch
        preds = self(lq)
        self.log("val/loss", self.loss(preds, gt), batch_size=len(gt), sync_dist=True)
        with torch.autocast(self.device.type, enabled=False):  # SSIM fails in bf16
            self.metrics.update(preds.float().clamp(0, 1), gt)
        self.no_op_metrics.update(_enlarged(lq, gt), gt)
        self.constant_red_metrics.update(_red(gt), gt)

    def on_validation_epoch_end(self) -> None:
        """Log the means over the validation images."""
        self.log_dict(self.metrics.compute(), prog_bar=True)
        self.log_dict(self.no_op_metrics.compute() | self.constant_red_metrics.compute())
        for measured in (self.metrics, self.no_op_metrics, self.constant_red_metrics):
            measured.reset()

    def preview(self, batch: Batch, count: int = 8) -> Float[Tensor, "3 y x"]:
        """Show the first images, one a column: degraded, restored, as they were."""
        lq, gt = (images[:count] for images in batch)
        rows = [_enlarged(lq, gt), self(lq).clamp(0, 1), gt]
        return torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)

    def configure_optimizers(self) -> Any:
        """One optimizer for all of the net, its rate set at every step."""
        optimizer = self.optimizer(self.net.parameters())
        schedule = {"scheduler": self.scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}


def _chosen(metrics: MetricCollection, names: Sequence[str]) -> MetricCollection:
    missing = [name for name in names if name not in metrics]
    if missing:
        raise UserError(
            f"task.module.compared: {missing[0]} is none of {', '.join(map(str, metrics))}"
        )
    return MetricCollection({name: metrics[name] for name in names})


def _enlarged(lq: Degraded, gt: Images) -> Images:
    """Degraded images at the size of what they were, bilinearly, as the nets enlarge them."""
    if lq.shape == gt.shape:
        return lq
    return functional.interpolate(lq, gt.shape[-2:], mode="bilinear")


def _red(gt: Images) -> Images:
    red = torch.zeros_like(gt)
    red[:, 0] = 1
    return red
