"""Jobs done on a Ray cluster, whose machines share a file system."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from facsimile.errors import UserError

Job = TypeVar("Job")
_AHEAD = 4  # jobs under way for each that the cluster does at a time


class RayExecutor:
    """A Ray cluster: the one of `address`, or one of this machine's cores that is started for it.

    The folders of data, work and models must be the same on all of its machines. A job whose
    machine or process dies is begun again elsewhere.

    Args:
        address: Of the cluster's head, `auto` for the one this machine belongs to; None for a new
            one of this machine alone.
        threads: Cores that a job takes.
        retries: How often a job that died is begun again.
    """

    def __init__(self, address: str | None = None, threads: int = 1, retries: int = 3) -> None:
        self.address, self.threads, self.retries = address, threads, retries

    def run(
        self,
        function: Callable[[Job], Iterator[int]],
        jobs: Sequence[Job],
        lost: Callable[[Job], None],
    ) -> Iterator[int]:
        """Do every job; yields the sum of what `function` yields for it, in no particular order.

        Args:
            function: Does a job; it can be pickled.
            jobs: What is to be done.
            lost: Told of a job that died as often as it may. The job is begun again after that,
                until it ends well; an error of `lost` ends the run.

        Raises:
            UserError: Ray is not installed, or there is no such cluster.
        """
        ray = self._connected()
        task = ray.remote(num_cpus=self.threads, max_retries=self.retries)(total)
        try:
            rest = deque(jobs)
            under_way: dict[Any, Job] = {}
            while rest or under_way:
                while rest and len(under_way) < _AHEAD * self._places(ray):
                    job = rest.popleft()
                    under_way[task.remote(function, job)] = job
                (done,), _ = ray.wait(list(under_way))
                job = under_way.pop(done)
                try:
                    yield ray.get(done)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from error
                except ray.exceptions.RayError:  # its process or its machine died, or was too full
                    lost(job)
                    rest.append(job)
        finally:
            ray.shutdown()

    def _places(self, ray: Any) -> int:
        """How many jobs the cluster can do together, as large as it is by now."""
        cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        if not any(count >= self.threads for count in cores):
            raise UserError(
                f"executor.threads={self.threads}: no machine of the cluster has so many cores"
            )
        return sum(count // self.threads for count in cores)

    def _connected(self) -> Any:
        try:
            import ray
        except ImportError as error:
            raise UserError(
                "executor=ray needs Ray: pip install 'facsimile[ray]', or executor=local"
            ) from error
        try:
            if self.address and ":" in self.address and "//" not in self.address:
                _knock(self.address)
            ray.init(self.address, log_to_driver=False, configure_logging=False)
        except (OSError, ValueError) as error:
            raise UserError(f"there is no Ray cluster at {self.address}: {error}") from error
        return ray


def total(function: Callable[[Job], Iterator[int]], job: Job) -> int:
    """Do a whole job on the cluster; the sum of what it yields."""
    return sum(function(job))


def _knock(address: str) -> None:
    """Ray itself would wait for minutes for a cluster that is not there."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=10).close()
