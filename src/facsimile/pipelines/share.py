"""A job's share of its machine: so many jobs at once, so many cores each."""

from __future__ import annotations

import os
import sys
from typing import Any

from facsimile.cores import CORES, usable_cores

THREADS = "OMP_NUM_THREADS"  # read by torch, OpenBLAS and onnxruntime as they are imported
# measured: what a training of a small net takes at its most, evaluation included; larger nets wait
# for their turn besides
BASE = 1600 << 20


def jobs_at_once(launcher: Any) -> int:
    """How many jobs a launcher's configuration starts at a time on this machine.

    As many as were asked for, but one for each core at most, and for each that memory holds.
    """
    if "joblib" not in str(launcher.get("_target_")):
        return 1
    asked, cores = int(launcher.n_jobs), usable_cores()
    return max(1, min(cores if asked < 0 else asked, cores, _free() // BASE))


def cores_of_a_job(launcher: Any) -> int | None:
    """How many cores a job of this launcher gets; None: the whole machine.

    Where a scheduler places the jobs, on other machines too, it is what they ask it for.
    """
    target = str(launcher.get("_target_"))
    if "joblib" in target:
        return max(1, usable_cores() // jobs_at_once(launcher))
    if "ray" in target:
        return int(launcher.ray.remote.get("num_cpus") or 1)
    if "submitit" in target:
        return int(launcher.get("cpus_per_task") or 1)
    return None


def _free() -> int:
    import torch

    from facsimile.callbacks.free_memory import free_memory

    return free_memory(torch.device("cpu"))  # a container may have less than the machine


def take_share() -> None:
    """Keep the libraries that are loaded by now to this job's cores; the others read of them."""
    if CORES in os.environ and "torch" in sys.modules:
        import torch

        torch.set_num_threads(usable_cores())
