"""Processes end with the one that started them, however that ends."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facsimile.executors.worker import Died, Worker

PROGRAM = """
import os, signal, sys, time
from pathlib import Path

# a shell starts what it runs in the background with interrupts ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
from facsimile.executors.local import LocalExecutor

def sleep(path):
    path.write_text(str(os.getpid()))
    time.sleep(600)
    yield 1

if __name__ == "__main__":
    try:
        list(LocalExecutor(2).run(sleep, [Path(path) for path in sys.argv[1:]], print))
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
"""


class Stubborn(Exception):
    """Cannot be pickled."""

    def __reduce__(self):
        raise pickle.PicklingError


def count(job):
    yield from range(job)


def refuse(job):
    raise Stubborn("no way")
    yield


@pytest.fixture
def program(tmp_path):
    """A program with two sleeping workers, and these workers' ids."""
    (tmp_path / "program.py").write_text(PROGRAM)
    files = [tmp_path / "first", tmp_path / "second"]
    process = subprocess.Popen(
        [sys.executable, tmp_path / "program.py", *files],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: all(file.exists() and file.read_text() for file in files))
    yield process, [int(file.read_text()) for file in files]
    process.kill()


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ended(process):
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def test_an_interrupt_ends_all_at_once_and_without_tracebacks(program):
    process, workers = program
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=5)[1] == "stopped\n"
    assert all(map(ended, workers))


def test_an_interrupt_of_processes_that_are_starting_tells_no_traceback(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    for delay in (0, 0.1, 0.2):
        process = subprocess.Popen(
            [sys.executable, tmp_path / "program.py", tmp_path / "first"],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda path=children: len(path.read_text().split()) == 2)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=5)[1] == "stopped\n"


def test_no_process_outlives_a_killed_parent(program):
    process, workers = program
    process.send_signal(signal.SIGKILL)
    assert process.communicate(timeout=5)[1] == ""
    wait_until(lambda: all(map(ended, workers)))


def test_a_worker_asks_for_jobs_and_tells_what_comes_of_them():
    worker = Worker(count)
    assert worker.receive() is None
    worker.begin(3)
    assert [worker.receive() for _ in range(4)] == [0, 1, 2, None] and worker.done == 3
    worker.end()
    with pytest.raises(OSError, match="closed"):
        worker.line.poll()


def test_a_dead_worker_is_told_apart(tmp_path):
    worker = Worker(count)
    worker.receive()
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(Died):
        worker.receive()
    worker.end()


def test_an_error_that_does_not_travel_is_told_in_words():
    worker = Worker(refuse)
    worker.receive()
    worker.begin(1)
    with pytest.raises(RuntimeError, match="Stubborn: no way"):
        worker.receive()
    worker.end()
