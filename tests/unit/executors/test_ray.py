"""A local cluster of two nodes, each of one core; the nodes share this machine's file system."""

import os
import signal
import sys

import pytest

from facsimile.errors import UserError
from facsimile.executors.ray import RayExecutor

pytest.importorskip("ray")
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def address():
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    yield cluster.address
    cluster.shutdown()


def count(job):
    yield job
    yield 1


def node(job):
    import time

    import ray

    time.sleep(0.5)
    job.write_text(ray.get_runtime_context().get_node_id())
    yield 1


def kill_at_three(job):
    number, pardon = job
    if number == 3 and not pardon.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    yield number


def kill_once(path):
    if not path.exists():
        path.write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    yield 1


def fail(job):
    raise UserError(f"job {job} cannot be done")


def never(job):
    raise AssertionError(f"{job} is lost")


def test_every_job_is_done_and_both_nodes_work(address, tmp_path):
    assert sorted(RayExecutor(address).run(count, range(6), never)) == list(range(1, 7))
    files = [tmp_path / str(number) for number in range(6)]
    assert sum(RayExecutor(address).run(node, files, never)) == 6
    assert len({file.read_text() for file in files}) == 2


def test_a_killed_worker_costs_nothing(address, tmp_path):
    assert list(RayExecutor(address).run(kill_once, [tmp_path / "tried"], never)) == [1]


def test_a_job_that_kills_every_worker_is_told_and_done_again(address, tmp_path):
    pardon, lost = tmp_path / "pardon", []

    def see_to_it(job):
        lost.append(job[0])
        pardon.touch()

    jobs = [(number, pardon) for number in range(6)]
    done = list(RayExecutor(address, retries=1).run(kill_at_three, jobs, see_to_it))
    assert lost == [3] and sorted(done) == list(range(6))


def test_a_job_s_own_error_reaches_the_caller(address):
    with pytest.raises(UserError, match="job 0 cannot be done"):
        list(RayExecutor(address).run(fail, [0], never))


def test_more_threads_than_any_machine_has_are_refused(address):
    with pytest.raises(UserError, match="executor.threads=64"):
        list(RayExecutor(address, threads=64).run(count, [1], never))


def test_a_missing_cluster_is_named():
    with pytest.raises(UserError, match="no Ray cluster at 127.0.0.1:1:"):
        list(RayExecutor("127.0.0.1:1").run(count, [1], never))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match="pip install"):
        list(RayExecutor().run(count, [1], never))
