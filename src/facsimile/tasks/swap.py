"""Training of a face-swap autoencoder: two people, one encoder, a decoder for each."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torchmetrics import MetricCollection

Identity = Literal["src", "dst"]
Faces = Float[Tensor, "b _ h w"]
Batch = tuple[Faces, Faces, Faces, Faces]
IDENTITIES: tuple[Identity, Identity] = ("src", "dst")


class FaceSwap(pl.LightningModule):
    """Each person's decoder learns to give back that person's unwarped face.

    A batch is (src warped, src target, dst warped, dst target), images in 0..1; a fourth channel
    of the target is its mask. Nothing ever shows a decoder the other person: that it works on
    the other's code is what the shared encoder brings about.

    Args:
        net: Answers to `encode(faces) -> encoded`, `decode(encoded, identity) -> (faces, masks or
            None)` and `net(faces, identity)`, both at once; where the loss has `true_face`, also
            to `code(encoded)`, what a discriminator of codes sees.
        loss: `(preds, mask or None, target) -> scalar`, of one person; where it has `true_face`,
            `of_codes` compares the two people's codes. It may learn itself, as a discriminator
            does.
        optimizer: Makes an optimizer of parameters.
        scheduler: Makes a per-step schedule of an optimizer.
        metrics: What to log of the held-out faces, for each person and as the mean of both.
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
        self.net: Any = net.to(memory_format=torch.channels_last)
        self.loss: Any = loss
        self._prepare_codes()
        self.optimizer, self.scheduler = optimizer, scheduler
        self.metrics: Any = nn.ModuleDict({name: metrics.clone() for name in IDENTITIES})

    def forward(self, x: Faces, identity: Identity) -> tuple[Tensor, Tensor | None]:
        """Show `x` as that person: (faces, masks or None)."""
        preds, mask = self.net(x, identity)
        return preds, mask

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the sum of both people's losses."""
        warped_src, target_src, warped_dst, target_dst = batch
        encoded = self.net.encode(torch.cat([warped_src, warped_dst]))
        encoded_src, encoded_dst = encoded.split([len(warped_src), len(warped_dst)])
        loss: Tensor = self.loss(*self.net.decode(encoded_src, "src"), target_src)
        loss = loss + self.loss(*self.net.decode(encoded_dst, "dst"), target_dst)
        if self.loss.true_face is not None:
            loss = loss + self.loss.of_codes(self.net.code(encoded_src), self.net.code(encoded_dst))
        self.log("train/loss", loss.detach(), prog_bar=True, sync_dist=True)
        return loss

    @torch.no_grad()
    def _prepare_codes(self) -> None:
        """Let what compares codes know how large this net's are."""
        if self.loss.true_face is not None:
            side = self.net.resolution
            code = self.net.code(self.net.encode(torch.zeros(1, 3, side, side)))
            _, channels, rows, _ = code.shape
            self.loss.true_face.for_codes(channels, rows)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure each person's reconstruction."""
        sizes, losses = len(batch[0]), []
        for identity, x, target in zip(IDENTITIES, batch[::2], batch[1::2], strict=True):
            preds, mask = self(x, identity)
            losses.append(self.loss(preds, mask, target))
            with torch.autocast(self.device.type, enabled=False):  # SSIM fails in bf16
                self.metrics[identity].update(preds.float(), target[:, :3])
            self.log(f"val/{identity}/loss", losses[-1], batch_size=sizes, sync_dist=True)
        self.log("val/loss", torch.stack(losses).sum(), batch_size=sizes, sync_dist=True)

    def on_validation_epoch_end(self) -> None:
        """Log the metrics of each person, and their mean."""
        values = {name: metrics.compute() for name, metrics in self.metrics.items()}
        for key in values["src"]:
            both = torch.stack([values[name][key] for name in IDENTITIES])
            self.log_dict({f"val/{name}/{key}": values[name][key] for name in IDENTITIES})
            self.log(f"val/{key}", both.mean(), prog_bar=True)
        for metrics in self.metrics.values():
            metrics.reset()

    def preview(self, batch: Batch, count: int = 8) -> Float[Tensor, "3 y x"]:
        """Show the first faces, one a column: src, given back, as dst; dst, given back, as src.

        What is given back or swapped has its mask below it, where the net has masks.
        """
        rows = []
        for own, faces in zip(IDENTITIES, (batch[1], batch[3]), strict=True):
            other: Identity = "dst" if own == "src" else "src"
            shown = faces[:count, :3]
            rows += [shown, *self._shown(shown, own), *self._shown(shown, other)]
        return torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)

    def _shown(self, faces: Faces, identity: Identity) -> list[Tensor]:
        preds, mask = self(faces, identity)
        return [preds] if mask is None else [preds, mask.expand(-1, 3, -1, -1)]

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip the norm of the net's gradients, and apart from it that of what the loss learns.

        Together, a discriminator's small gradients would shrink by the net's norm.
        """
        learnt = [p for p in self.loss.parameters() if p.grad is not None]
        if not (learnt and gradient_clip_val) or gradient_clip_algorithm == "value":
            super().configure_gradient_clipping(
                optimizer, gradient_clip_val, gradient_clip_algorithm
            )
            return
        for part in (self.net.parameters(), learnt):
            nn.utils.clip_grad_norm_(part, gradient_clip_val)

    def configure_optimizers(self) -> Any:
        """One optimizer for all that learns, its rate set at every step."""
        learning = (*self.net.parameters(), *self.loss.parameters())
        optimizer = self.optimizer([p for p in learning if p.requires_grad])
        schedule = {"scheduler": self.scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}
