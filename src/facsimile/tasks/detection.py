"""Training of a net that tells fake faces from real ones."""

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
Logits = Float[Tensor, " b"]


class Detection(pl.LightningModule):
    """The net learns whether a face is fake.

    A batch is (faces, labels): RGB in 0..1, and 1 for a fake, 0 for a real face.

    Args:
        net: Faces to logits of being fake.
        loss: `(logits, labels) -> scalar`.
        optimizer: Makes an optimizer of parameters.
        scheduler: Makes a per-step schedule of an optimizer.
        metrics: What to log of the validation's scores, in 0..1 and by frame, as `val/<name>`.
        start: Gives the net what it starts from, as published weights; None: random weights.
    """

    def __init__(
        self,
        net: nn.Module,
        loss: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        scheduler: Callable[[Optimizer], LRScheduler],
        metrics: MetricCollection,
        start: Callable[[nn.Module], None] | None = None,
    ) -> None:
        super().__init__()
        if start is not None:
            start(net)
        self.net = net.to(memory_format=torch.channels_last)
        self.loss = loss
        self.optimizer, self.scheduler = optimizer, scheduler
        self.metrics = metrics.clone(prefix="val/")

    def forward(self, faces: Images) -> Logits:
        """Return the logits of being fake, float32."""
        logits: Logits = self.net(faces).float()
        return logits

    def training_step(self, batch: Sequence[Tensor], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        faces, labels = batch
        loss: Tensor = self.loss(self(faces), labels)
        self.log("train/loss", loss.detach(), prog_bar=True, sync_dist=True)
        return loss

    def validation_step(self, batch: Sequence[Tensor], batch_idx: int) -> None:
        """Measure the scores of one batch."""
        faces, labels = batch
        logits = self(faces)
        self.log("val/loss", self.loss(logits, labels), batch_size=len(labels), sync_dist=True)
        self.metrics.update(logits.sigmoid(), labels.long())

    def on_validation_epoch_end(self) -> None:
        """Log what the scores of all validation faces are worth."""
        self.log_dict(self.metrics.compute(), prog_bar=True)
        self.metrics.reset()

    def configure_optimizers(self) -> Any:
        """One optimizer for all of the net, its rate set at every step."""
        optimizer = self.optimizer(self.net.parameters())
        schedule = {"scheduler": self.scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}
