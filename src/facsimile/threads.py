"""Work shared between threads, with results in the order of the input and memory bounded."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    workers: Sequence[Worker],
    function: Callable[[Worker, Item], Result],
    items: Iterable[Item],
    ahead: int = 4,
) -> Iterator[Result]:
    """Yield `function(worker, item)` for each item, in their order; one thread a worker.

    No worker serves two items at once, so it may hold what threads cannot share (a network of
    OpenCV's). Items are drawn as they are needed: `ahead` of them are under way for each worker,
    so that none starves. An exception is raised where its item would have come, and ends the
    iteration.

    Example:
        >>> list(in_order([10, 10], lambda worker, item: worker * item, range(4)))
        [0, 10, 20, 30]
    """
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
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
            if len(under_way) >= ahead * len(workers):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def prefetch(items: Iterable[T], ahead: int = 16) -> Iterator[T]:
    """Run a stream in a thread of its own, up to `ahead` items before its reader.

    An exception of the stream is raised in the reader; a reader that stops early stops it.

    Example:
        >>> list(prefetch(range(3)))
        [0, 1, 2]
    """
    channel: queue.Queue[tuple[str, T | BaseException | None]] = queue.Queue(ahead)
    stopped = threading.Event()
    worker = threading.Thread(target=_feed, args=(items, channel, stopped), daemon=True)
    worker.start()
    try:
        while (message := channel.get())[0] == "item":
            yield message[1]  # type: ignore[misc]
        if isinstance(message[1], BaseException):
            raise message[1]
    finally:
        stopped.set()
        worker.join()


def _feed(
    items: Iterable[T],
    channel: "queue.Queue[tuple[str, T | BaseException | None]]",
    stopped: threading.Event,
) -> None:
    try:
        for item in items:
            if not _put(channel, ("item", item), stopped):
                return
        _put(channel, ("end", None), stopped)
    except BaseException as error:  # handed to the reader, whatever it is
        _put(channel, ("error", error), stopped)


def _put(
    channel: "queue.Queue[tuple[str, T | BaseException | None]]",
    message: tuple[str, T | BaseException | None],
    stopped: threading.Event,
) -> bool:
    """Wait for room, but no longer than anybody reads."""
    while not stopped.is_set():
        try:
            channel.put(message, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
