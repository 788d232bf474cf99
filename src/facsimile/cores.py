"""How many cores there are to share work between."""

import os


def usable_cores() -> int:
    """Return how many cores this process is allowed to run on, at times fewer than there are."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
