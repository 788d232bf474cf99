import os

from facsimile.executors.inline import InlineExecutor


def test_jobs_are_done_in_turn_in_this_process():
    done = InlineExecutor().run(lambda job: iter([job, os.getpid()]), [4, 5], print)
    assert list(done) == [4, os.getpid(), 5, os.getpid()]
