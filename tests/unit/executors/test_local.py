import os
import signal
import time

import pytest

from facsimile.errors import UserError
from facsimile.executors.local import LocalExecutor


def count(job):
    yield job
    yield 1


def process(job):
    yield os.getpid()


def kill_at_three(job):
    number, pardon = job
    yield number
    if number == 3 and not pardon.exists():
        os.kill(os.getpid(), signal.SIGSEGV)
    yield 10


def once(path):
    """Dies the first time only."""
    if not path.exists():
        path.write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    yield 1


def slowly(path):
    yield 1
    while not path.exists():
        time.sleep(0.01)
    yield 2


def fail(job):
    yield 1
    raise UserError(f"job {job} cannot be done")


def never(job):
    raise AssertionError(f"{job} is lost")


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_is_done_and_none_in_this_process(workers):
    executor = LocalExecutor(workers)
    assert sorted(executor.run(count, range(5), never)) == [0, 1, 1, 1, 1, 1, 1, 2, 3, 4]
    done = set(executor.run(process, range(9), never))
    assert 0 < len(done) <= workers and os.getpid() not in done


def test_no_job_starts_no_process():
    assert list(LocalExecutor(2).run(never, [], never)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_kills_its_process_is_told_and_done_again(workers, tmp_path):
    pardon, lost = tmp_path / "pardon", []

    def see_to_it(job):
        lost.append(job[0])
        pardon.touch()

    jobs = [(number, pardon) for number in (3, 0, 1, 2, 4)]
    done = list(LocalExecutor(workers).run(kill_at_three, jobs, see_to_it))
    assert lost == [3] and sum(done) == sum(range(5)) + 5 * 10
    assert done.count(-3) == 2  # taken back, since it died in company and alone


def test_a_job_whose_process_died_once_is_done_again(tmp_path):
    assert list(LocalExecutor(2).run(once, [tmp_path / "tried"], never)) == [1]


def test_no_job_is_forgotten_when_a_process_dies_while_nobody_looks(tmp_path):
    done = []
    jobs = [tmp_path / str(number) for number in range(4)]
    for number in LocalExecutor(2).run(once, jobs, never):
        done.append(number)
        time.sleep(0.3)
    assert done == [1] * 4


def test_what_is_done_of_a_job_is_told_before_its_end(tmp_path):
    counts = LocalExecutor(1).run(slowly, [tmp_path / "go on"], never)
    assert next(counts) == 1
    (tmp_path / "go on").touch()
    assert list(counts) == [2]


def test_a_job_s_own_error_reaches_the_caller_with_its_traceback():
    with pytest.raises(UserError) as caught:
        list(LocalExecutor(2).run(fail, [7], never))
    assert str(caught.value) == "job 7 cannot be done"
    assert "in fail" in caught.value.__notes__[0]


def test_processes_that_end_before_they_begin_are_no_job_s_fault(monkeypatch):
    monkeypatch.setattr("facsimile.executors.worker._serve", os.abort)
    with pytest.raises(UserError, match="end before they begin"):
        list(LocalExecutor(2).run(count, [1, 2], never))


def test_threads_share_the_cores(monkeypatch):
    for cores, workers, threads in ((1, 1, 1), (2, 1, 2), (8, 4, 2), (64, 32, 2)):
        monkeypatch.setattr("facsimile.executors.local.usable_cores", lambda n=cores: n)
        executor = LocalExecutor()
        assert (executor.workers, executor.threads) == (workers, threads)
