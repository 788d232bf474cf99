"""Jobs done on this machine, in processes of their own."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import wait
from typing import TypeVar

from facsimile.cores import usable_cores
from facsimile.errors import UserError
from facsimile.executors.worker import Died, Worker

Job = TypeVar("Job")
Work = Callable[[Job], Iterator[int]]
_THREADS = 2  # of a process: more would wait for the interpreter's lock


class LocalExecutor:
    """All cores of this machine: one process for every two, two threads in each.

    No job is done in this process, so none can take it down.

    Args:
        workers: Processes; None for as many as there are pairs of cores.
        threads: Threads of each that a job may use; None for an equal share of the cores.
    """

    def __init__(self, workers: int | None = None, threads: int | None = None) -> None:
        cores = usable_cores()
        self.workers = workers or max(1, cores // _THREADS)
        self.threads = threads or max(1, cores // self.workers)

    def run(
        self, function: Work[Job], jobs: Sequence[Job], lost: Callable[[Job], None]
    ) -> Iterator[int]:
        """Do every job; yields what `function` yields, as it comes, in no particular order.

        What a job had yielded when its process died is taken back, by a negative number.

        Args:
            function: Does a job; it can be pickled.
            jobs: What is to be done.
            lost: Told of a job that ended its process even when it was alone on the machine. The
                job is done again after that, until it ends well; an error of `lost` ends the run.

        Raises:
            UserError: the processes end before they begin.
        """
        for job in (yield from _together(function, jobs, self.workers)):
            while (yield from _together(function, [job], 1)):
                lost(job)


def _together(
    function: Work[Job], jobs: Sequence[Job], workers: int
) -> Generator[int, None, list[Job]]:
    """Do the jobs; returns those whose process died."""
    rest, died = deque(jobs), list[Job]()
    crew: list[Worker[Job]] = []
    try:
        while rest or crew:
            crew += [Worker(function) for _ in range(min(workers - len(crew), len(rest)))]
            wait([worker.line for worker in crew])
            for worker in [one for one in crew if one.line.poll()]:
                try:
                    if (count := worker.receive()) is not None:
                        yield count
                    elif rest:
                        worker.begin(rest.popleft())
                    else:
                        _end(crew, worker)
                except Died:
                    _end(crew, worker)
                    died.append(_outlived(worker))
                    if worker.done:
                        yield -worker.done
    finally:
        for worker in crew:
            worker.end()
    return died


def _end(crew: list[Worker[Job]], worker: Worker[Job]) -> None:
    crew.remove(worker)
    worker.end()


def _outlived(worker: Worker[Job]) -> Job:
    """What the worker was doing."""
    if not worker.job:
        raise UserError(
            "the processes of executor=local end before they begin, which is not the data's fault: "
            "is there memory left? executor=inline works without them"
        )
    return worker.job[0]
