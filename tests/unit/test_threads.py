import threading
import time

import pytest

from facsimile.threads import in_order, prefetch


class Busy:
    """A worker that notices when two threads use it at once."""

    def __init__(self):
        self.lock = threading.Lock()
        self.served = 0

    def square(self, item):
        assert self.lock.acquire(blocking=False), "two threads at once"
        try:
            self.served += 1
            return item * item
        finally:
            self.lock.release()


@pytest.mark.parametrize("count", [1, 3])
def test_results_come_in_order_whatever_the_number_of_workers(count):
    workers = [Busy() for _ in range(count)]
    assert list(in_order(workers, Busy.square, range(50))) == [i * i for i in range(50)]
    assert sum(worker.served for worker in workers) == 50


def test_order_is_kept_whoever_finishes_first():
    def slow_first(_, item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    assert list(in_order([None] * 4, slow_first, range(20))) == [i * i for i in range(20)]


def test_items_are_drawn_only_as_they_are_needed():
    drawn = []

    def items():
        for item in range(100):
            drawn.append(item)
            yield item

    results = in_order([None], lambda _, item: item, items())
    assert next(results) == 0
    assert len(drawn) < 10
    results.close()


def test_an_error_of_the_function_comes_in_its_place():
    stream = in_order([None, None], lambda _, item: 1 // (3 - item), range(9))
    assert [next(stream) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(stream)


def test_a_prefetched_stream_runs_ahead_no_further_than_allowed():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item

    stream = prefetch(items(), ahead=5)
    next(stream)
    time.sleep(0.05)
    assert len(taken) <= 7
    stream.close()


@pytest.mark.parametrize(
    "through", [prefetch, lambda items: in_order([None] * 2, lambda _, item: item, items)]
)
def test_an_error_of_the_stream_reaches_the_reader(through):
    def items():
        yield from range(10)
        raise OSError("cut off")

    seen = []
    with pytest.raises(OSError, match="cut off"):
        seen.extend(through(items()))


def test_items_before_an_error_are_all_delivered():
    def items():
        yield from range(10)
        raise OSError("cut off")

    seen = []
    with pytest.raises(OSError, match="cut off"):
        for item in prefetch(items(), ahead=2):
            seen.append(item)
    assert seen == list(range(10))


def test_a_reader_that_stops_leaves_no_thread_behind():
    before = threading.active_count()
    stream = prefetch(iter(range(10**9)), ahead=2)
    next(stream)
    stream.close()
    assert threading.active_count() == before
