"""How much memory a training may still take."""

from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

CGROUP = Path("/sys/fs/cgroup")


def free_memory(device: torch.device) -> int:
    """Return the bytes that are free on a GPU, or to this process on the machine.

    On the machine that is what is available without swapping, less where a container is limited.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    limited = cgroup_room(CGROUP)
    available = int(psutil.virtual_memory().available)
    return available if limited is None else min(available, limited)


def cgroup_room(folder: Path) -> int | None:
    """Return the bytes that a container (cgroup 2) still has; None where nothing limits it.

    Cached files count as room: the kernel gives them up.
    """
    try:
        limit = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
        lines = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        return None
    if limit == "max":
        return None
    cached = dict(line.split() for line in lines).get("inactive_file", 0)
    return int(limit) - used + int(cached)
