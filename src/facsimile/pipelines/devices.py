"""What a training asks of the machine: its processes, its device, its number format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.pipelines.jobs import in_sweep

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn


def check_devices(cfg: DictConfig) -> None:
    """Refuse more training processes on the CPU than there are cores; torch is asked for a GPU.

    A job of a sweep trains in one process: others would begin the sweep again.

    Raises:
        UserError: names trainer.devices and how many cores there are.
    """
    devices, accelerator = cfg.trainer.devices, cfg.trainer.accelerator
    if in_sweep() and isinstance(devices, int) and devices > 1:
        raise UserError(
            f"trainer.devices={devices}: a job of a sweep trains in one process; leave out -m, or "
            "give 1"
        )
    if accelerator not in ("auto", "cpu") or devices == "auto" or devices <= usable_cores():
        return
    import torch

    if accelerator == "cpu" or not torch.accelerator.is_available():
        raise UserError(
            f"trainer.devices={devices}: without a GPU each is a process on a core, of which this "
            f"machine has {usable_cores()}; give at most that"
        )


def check_batch_norm(cfg: DictConfig, net: nn.Module) -> None:
    """Refuse a batch's means over all processes on the CPU: torch takes them on GPUs only.

    Raises:
        UserError: names trainer.sync_batchnorm.
    """
    from torch.nn.modules.batchnorm import _BatchNorm

    asked = cfg.trainer.get("sync_batchnorm") and training_device(cfg) == "cpu"
    if asked and any(isinstance(part, _BatchNorm) for part in net.modules()):
        raise UserError(
            "trainer.sync_batchnorm=true: this net has batch normalisation, whose means over "
            "several processes torch takes on GPUs only; give trainer.sync_batchnorm=false, and "
            "each process normalises its share of a batch by itself"
        )


def training_precision(cfg: DictConfig) -> str:
    """Lightning's name of the number format: what `auto` stands for on the training's device."""
    from facsimile.inference.precision import autocast_dtype

    if cfg.trainer.precision != "auto":
        return str(cfg.trainer.precision)
    return "32-true" if autocast_dtype(training_device(cfg)) is None else "bf16-mixed"


def training_device(cfg: DictConfig) -> str:
    """`cuda` or `cpu`, as Lightning will choose by trainer.accelerator."""
    import torch

    on_gpu = cfg.trainer.accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()
    return "cuda" if on_gpu else "cpu"
