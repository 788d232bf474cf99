"""A process that does jobs, one after the other, and ends with the one that it does them for."""

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
# not forked: a child would inherit the locks of OpenCV's and PyAV's threads
_CONTEXT = multiprocessing.get_context("spawn")


class Died(Exception):
    """A process ended before its job did."""


class Worker(Generic[Job]):
    """A process of its own, which asks for a job whenever it has none.

    Args:
        function: Does a job; it can be pickled.
    """

    def __init__(self, function: Callable[[Job], Iterator[int]]) -> None:
        #: what it is doing, if it is; and the sum of what came of it so far
        self.job: list[Job] = []
        self.done = 0
        #: what to wait on: there is something to receive, or it died
        self.line, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, function), daemon=True)
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()

    def receive(self) -> int | None:
        """What `function` yielded next, or None where a new job can begin.

        Raises:
            Died: the process ended.
            Exception: what `function` raised.
        """
        try:
            message = self.line.recv()
        except (EOFError, OSError):
            raise Died from None
        if isinstance(message, Exception):
            raise message
        self.done += message or 0
        return message  # type: ignore[no-any-return]

    def begin(self, job: Job) -> None:
        """Hand it the next job.

        Raises:
            Died: the process ended.
        """
        self.job, self.done = [job], 0
        try:
            self.line.send(job)
        except OSError:
            raise Died from None

    def end(self) -> None:
        """Make an end of the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.line.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C reaches all processes of a terminal; only the one that started them minds it.

    They inherit what is blocked, so that not even their imports are interrupted.
    """
    resource_tracker.ensure_running()  # of Python's own; its start would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(line: Connection, function: Callable[[Any], Iterator[int]]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):  # nobody listens any more
        while True:
            line.send(None)
            job = line.recv()
            try:
                for count in function(job):
                    line.send(count)
            except Exception as error:
                line.send(_portable(error))


def _end_with_parent() -> None:
    """However it ends: nobody would read what comes of the job."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _portable(error: Exception) -> Exception:
    """The error with its traceback, which would stay here, as a note."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever its class does when it is pickled
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
