"""What of a machine shows in the last digits of a result, as tags of its run."""

from __future__ import annotations

import platform
from collections.abc import Mapping

THREADS, AUTOCAST, PROCESSOR = "threads", "autocast", "processor"
MATTERS = (AUTOCAST, PROCESSOR)  # what a rerun cannot choose


def machine_tags() -> dict[str, str]:
    """Threads, the format of mixed precision, and what sums are computed by."""
    import torch

    from facsimile.inference.precision import autocast_dtype

    return {
        THREADS: str(torch.get_num_threads()),
        AUTOCAST: str(autocast_dtype() or "none").removeprefix("torch."),
        PROCESSOR: _processor(),
    }


def machine_differences(tags: Mapping[str, str]) -> list[str]:
    """In what this machine computes otherwise than that of a run, as far as the run tells."""
    here = machine_tags()
    return [
        f"{key} was {tags[key]}, and is {here[key]} on this machine"
        for key in MATTERS
        if key in tags and tags[key] != here[key]
    ]


def _processor() -> str:
    """Kind of processor, its instructions as torch chooses its kernels by them, and GPU."""
    import torch

    instructions = str(torch.backends.cpu.get_cpu_capability())
    amx = " AMX" if torch.cpu._is_amx_tile_supported() else ""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{platform.machine()} {instructions}{amx}{gpu}"
