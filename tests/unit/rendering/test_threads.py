import threading
import time

import pytest

from facsimile.rendering.threads import ordered_map, prefetch


def test_order_is_kept_whoever_finishes_first():
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    assert list(ordered_map(slow_first, range(20), 4)) == [(i, i * i) for i in range(20)]


def test_runs_ahead_no_further_than_allowed():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item

    stream = ordered_map(str, items(), 2, ahead=5)
    next(stream)
    assert len(taken) <= 5
    stream = prefetch(items(), ahead=5)
    taken.clear()
    next(stream)
    time.sleep(0.05)
    assert len(taken) <= 7
    stream.close()


@pytest.mark.parametrize("through", [prefetch, lambda items: ordered_map(str, items, 2)])
def test_an_error_of_the_stream_reaches_the_reader(through):
    def items():
        yield from range(10)
        raise OSError("cut off")

    seen = []
    with pytest.raises(OSError, match="cut off"):
        seen.extend(through(items()))


def test_an_error_of_the_function_comes_in_its_place():
    stream = ordered_map(lambda item: 1 // (3 - item), range(9), 2)
    assert [item for item, _ in (next(stream) for _ in range(3))] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(stream)


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
