"""Work spread over threads, its results in the order of the input."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 3  # items under way for each worker: none starves, and memory stays bounded


def in_order(
    workers: Sequence[Worker],
    function: Callable[[Worker, Item], Result],
    items: Iterable[Item],
) -> Iterator[Result]:
    """Yield `function(worker, item)` for each item, in their order.

    No worker serves two items at once, so it may hold what threads cannot share (a network of
    OpenCV's). Items are drawn as they are needed. The first exception ends the iteration.

    >>> list(in_order([10, 10], lambda worker, item: worker * item, range(4)))
    [0, 10, 20, 30]
    """
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def serve(item: Item) -> Result:
        worker = idle.get()
        try:
            return function(worker, item)
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        under_way: deque[Future[Result]] = deque()
        for item in items:
            under_way.append(pool.submit(serve, item))
            if len(under_way) >= _AHEAD * len(workers):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
