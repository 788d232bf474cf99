import os
import signal
import subprocess
import sys
import threading

import pytest

from facsimile.errors import UserError
from facsimile.pipelines.work_folder import work_folder

HOLDER = """
import sys, time
from pathlib import Path
from facsimile.pipelines.work_folder import work_folder

with work_folder(Path(sys.argv[1])) as work:
    work.mkdir()
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work" / ".out.partial"


def test_an_empty_folder_and_its_lock_are_removed(path):
    with work_folder(path) as work:
        assert work == path
        work.mkdir()
        assert len(list(path.parent.iterdir())) == 2
    assert list(path.parent.iterdir()) == []


def test_what_is_to_be_gone_on_from_stays(path):
    with pytest.raises(KeyboardInterrupt), work_folder(path) as work:
        (work / "done").mkdir(parents=True)
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == [path]


def test_a_second_one_is_refused_until_the_first_ends(path):
    with work_folder(path):
        with (
            pytest.raises(UserError, match=r"\.out\.partial is being worked on"),
            work_folder(path),
        ):
            pass
        with work_folder(path.with_name("another")):
            pass
    with work_folder(path):
        pass


def test_a_killed_holder_leaves_no_lock(path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(UserError), work_folder(path):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with work_folder(path) as work:
        assert work.is_dir()
    assert list(path.parent.iterdir()) == []


def test_no_two_hold_it_however_they_come_and_go(path):
    """The file is removed by its holder, while others may have it open."""
    holders, most, refused = [], [], []

    def come_and_go():
        for _ in range(300):
            try:
                with work_folder(path):
                    holders.append(1)
                    most.append(len(holders))
                    holders.pop()
            except UserError:
                refused.append(1)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1} and len(most) + len(refused) == 1200


def test_where_there_are_no_locks_the_work_goes_on(path, monkeypatch):
    def refuse(*_):
        raise OSError(os.strerror(95))

    monkeypatch.setattr("fcntl.flock", refuse)
    with work_folder(path) as work, work_folder(path) as same:
        assert work == same
