"""Work of a stream done ahead of its reader, in order and in bounded memory."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ordered_map(
    function: Callable[[T], R], items: Iterable[T], workers: int, ahead: int = 16
) -> Iterator[tuple[T, R]]:
    """Pair each item with its result, computed by several threads at once.

    At most `ahead` items are in memory. An exception of the function is raised where its item
    would have come.

    Example:
        >>> list(ordered_map(str, range(3), workers=2))
        [(0, '0'), (1, '1'), (2, '2')]
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[T, Future[R]]] = deque()
        for item in items:
            waiting.append((item, pool.submit(function, item)))
            if len(waiting) >= ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


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
