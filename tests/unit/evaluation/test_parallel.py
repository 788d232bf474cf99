import threading

import pytest

from facsimile.evaluation.parallel import in_order


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


def test_an_exception_reaches_the_caller():
    def fail(_, item):
        raise RuntimeError(f"item {item}")

    with pytest.raises(RuntimeError, match="item 0"):
        list(in_order([None], fail, range(3)))
