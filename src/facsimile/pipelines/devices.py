"""Whether the machine has what a training asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.pipelines.jobs import in_sweep

if TYPE_CHECKING:
    from omegaconf import DictConfig


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
