"""How many cores there are to share work between."""

import os

CORES = "FACSIMILE_CORES"  # in the environment: a job's share of the machine


def usable_cores() -> int:
    """Return how many cores this process is to run on: its share, of those that it is allowed."""
    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    return min(cores, max(1, int(os.environ.get(CORES) or cores)))
