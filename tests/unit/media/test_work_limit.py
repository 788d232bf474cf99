from types import SimpleNamespace

import pytest

from facsimile.media import work_limit
from facsimile.media.work_limit import WorkLimit


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(work_limit, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_work_counts_and_pauses_do_not(clock):
    limit = WorkLimit(2.0)
    clock.now += 1.5
    with limit.paused():
        clock.now += 50
    assert not limit.over
    clock.now += 1
    assert limit.over and "more than 2 seconds" in str(limit)


def test_without_a_limit(clock):
    limit = WorkLimit(None)
    clock.now += 1e9
    with limit.paused():
        clock.now += 1
    assert not limit.over
