"""Jobs done on this machine."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from facsimile.cores import usable_cores

Job = TypeVar("Job")
Work = Callable[[Job], Iterator[int]]
_THREADS = 2  # of a process: more would wait for the interpreter's lock
_AHEAD = 2  # jobs under way for each process


class LocalExecutor:
    """All cores of this machine: one process for every two, two threads in each.

    Args:
        workers: Processes; None for as many as there are pairs of cores. A single one is this
            process itself, which a job can take down with it.
        threads: Threads of each that a job may use; None for an equal share of the cores.
    """

    def __init__(self, workers: int | None = None, threads: int | None = None) -> None:
        cores = usable_cores()
        self.workers = workers or max(1, cores // _THREADS)
        self.threads = threads or max(1, cores // self.workers)

    def run(
        self, function: Work[Job], jobs: Sequence[Job], lost: Callable[[Job], None]
    ) -> Iterator[int]:
        """Do every job; yields what `function` yields, or sums of it, in no particular order.

        Args:
            function: Does a job; it can be pickled.
            jobs: What is to be done.
            lost: Told of a job that ended its process even when it was alone in it.
        """
        if self.workers == 1:
            for job in jobs:
                yield from function(job)
            return
        rest = deque(jobs)
        while rest:
            suspects = yield from _together(function, rest, self.workers)
            for job in suspects:
                if (yield from _together(function, deque([job]), 1)):
                    lost(job)


def _together(
    function: Work[Job], rest: deque[Job], workers: int
) -> Generator[int, None, list[Job]]:
    """Do jobs from the front of `rest`; returns those under way when a process died, if one did."""
    under_way: dict[Future[int], Job] = {}
    # not forked: a child would inherit the locks of OpenCV's and PyAV's threads
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        while rest or under_way:
            while rest and len(under_way) < _AHEAD * workers:
                # taken away only then: where a process has died, nothing can be submitted
                under_way[pool.submit(total, function, rest[0])] = rest[0]
                rest.popleft()
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                done = future.result()
                del under_way[future]
                yield done
    except BrokenProcessPool:
        return list(under_way.values())
    finally:
        pool.shutdown(cancel_futures=True)
    return []


def total(function: Work[Job], job: Job) -> int:
    """Do a whole job in another process; the sum of what it yields."""
    return sum(function(job))
