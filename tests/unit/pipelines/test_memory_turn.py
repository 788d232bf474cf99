import json
import os
import subprocess
import sys
import threading

import pytest

from facsimile.pipelines.job_lock import held
from facsimile.pipelines.memory_turn import MB, MemoryTurn


@pytest.fixture
def other(tmp_path):
    """Another process that has claimed 500 MB and not taken them."""
    claim = (
        "import sys, pathlib; from facsimile.pipelines.memory_turn import MB, MemoryTurn;"
        "MemoryTurn(pathlib.Path(sys.argv[1]))(500 * MB, lambda: 1000 * MB);"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", claim, str(tmp_path)], **pipes) as process:
        assert process.stdout.readline() == "claimed\n"
        yield process
        process.kill()


def begins(turn, wanted, free, wait=0.5):
    thread = threading.Thread(target=turn, args=(wanted * MB, lambda: free * MB), daemon=True)
    thread.start()
    thread.join(wait)
    return thread


def test_what_another_job_has_not_taken_yet_is_not_free(other, tmp_path):
    told = []
    turn = MemoryTurn(tmp_path, pause=0.02, show=told.append)
    assert not begins(turn, 400, 950, wait=5).is_alive()
    turn.release()
    waiting = begins(turn, 600, 950)
    assert waiting.is_alive() and len(told) == 1
    assert "600 MB are needed" in told[0]
    other.kill()
    other.wait()
    waiting.join(5)
    assert not waiting.is_alive()  # a process that is gone claims nothing


def test_who_is_alone_is_let_through(tmp_path):
    turn = MemoryTurn(tmp_path, show=pytest.fail)
    turn(10**6 * MB, lambda: 0)  # it refuses itself
    (path,) = tmp_path.glob(".memory-*.json")
    assert [*json.loads(path.read_text())] == [str(os.getpid())]
    turn.release()
    assert json.loads(path.read_text()) == {}


def test_a_torn_file_is_no_claim(tmp_path):
    turn = MemoryTurn(tmp_path)
    turn.path.write_text('{"12": {"wan')
    turn(MB, lambda: 2 * MB)
    assert [*json.loads(turn.path.read_text())] == [str(os.getpid())]


def test_a_lock_is_waited_for_and_that_is_said(tmp_path):
    code = (
        "import sys, pathlib; from facsimile.pipelines.job_lock import held\n"
        "with held(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    said, path = threading.Event(), tmp_path / "new/lock"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(path)], **pipes) as process:
        assert process.stdout.readline() == "held\n"
        threading.Thread(target=lambda: said.wait(20) and process.kill(), daemon=True).start()
        with held(path, said.set):
            assert process.wait(20) != 0
    with held(path, pytest.fail):
        pass
