import os
import signal
import time

from facsimile.executors.local import LocalExecutor


def count(job):
    yield job
    yield 1


def kill_at_three(job):
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    yield job


def once(path):
    """Dies the first time only."""
    if not path.exists():
        path.write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    yield 1


def never(job):
    raise AssertionError(f"{job} is lost")


def test_one_worker_is_this_process():
    done = LocalExecutor(workers=1).run(lambda job: iter([job, os.getpid()]), [4, 5], never)
    assert list(done) == [4, os.getpid(), 5, os.getpid()]


def test_several_processes_do_every_job():
    assert sorted(LocalExecutor(workers=2).run(count, range(10), never)) == list(range(1, 11))


def test_a_job_that_kills_its_process_is_lost_and_no_other():
    lost = []
    done = list(LocalExecutor(workers=2).run(kill_at_three, range(8), lost.append))
    assert lost == [3] and sorted(done) == [0, 1, 2, 4, 5, 6, 7]


def test_no_job_is_forgotten_when_a_process_dies_while_nobody_looks():
    lost, done = [], []
    jobs = [3, 0, 1, 2, 4, 5]
    for number in LocalExecutor(workers=2).run(kill_at_three, jobs, lost.append):
        done.append(number)
        time.sleep(0.5)
    assert lost == [3] and sorted(done) == [0, 1, 2, 4, 5]


def test_a_job_whose_process_died_is_done_again(tmp_path):
    assert list(LocalExecutor(workers=2).run(once, [tmp_path / "tried"], never)) == [1]


def test_threads_share_the_cores(monkeypatch):
    for cores, workers, threads in ((1, 1, 1), (2, 1, 2), (8, 4, 2), (64, 32, 2)):
        monkeypatch.setattr("facsimile.executors.local.usable_cores", lambda n=cores: n)
        executor = LocalExecutor()
        assert (executor.workers, executor.threads) == (workers, threads)
