"""Jobs done in this very process: for a debugger, or where no other can be started."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from facsimile.cores import usable_cores

Job = TypeVar("Job")


class InlineExecutor:
    """One job after the other, in this process, which a file that crashes its reader takes down.

    Args:
        threads: Threads that a job may use; None for as many as there are cores.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or usable_cores()

    def run(
        self,
        function: Callable[[Job], Iterator[int]],
        jobs: Sequence[Job],
        lost: Callable[[Job], None],
    ) -> Iterator[int]:
        """Do every job in turn; yields what `function` yields. Nothing is `lost`."""
        for job in jobs:
            yield from function(job)
