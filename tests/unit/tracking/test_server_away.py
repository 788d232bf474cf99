"""A server that goes away, never was there or answers badly loses nothing of a run."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from facsimile.errors import UserError
from facsimile.tracking import PARENT, Tracker
from facsimile.tracking.journal import Journal
from facsimile.tracking.store import AwayError
from facsimile.tracking.uploads import patience_for


class Server:
    """A real MLflow store, that can be made to be away."""

    def __init__(self, address):
        self.address = address
        self.away = False
        self.fail_after = None  # calls that still succeed
        self.asked = 0

    def tracker(self, spool, **more):
        return Tracker(self.address, spool=spool, **more)


@pytest.fixture
def server(tmp_path, mlflow_uri, monkeypatch):
    from mlflow import MlflowClient

    made = Server(mlflow_uri)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("facsimile.tracking.store._answers", lambda address: not made.away)
    monkeypatch.setattr("facsimile.tracking.store.Store.is_local", property(lambda self: False))
    monkeypatch.setattr("facsimile.tracking.store.PAUSES", (0.0,))
    monkeypatch.setattr("facsimile.tracking.runs._TOLD", set())
    log_batch = MlflowClient.log_batch

    def counted(self, *args, **kwargs):
        made.asked += 1
        if made.fail_after is not None:
            made.fail_after -= 1
            if made.fail_after < 0:
                raise ConnectionError("the line is dead")
        return log_batch(self, *args, **kwargs)

    monkeypatch.setattr(MlflowClient, "log_batch", counted)
    return made


def history(tracker, run_id, key):
    return [(one.step, one.value) for one in tracker.client.get_metric_history(run_id, key)]


def only_run(server):
    tracker = Tracker(server.address)
    [run] = tracker.client.search_runs([tracker.experiment_id])
    return tracker, run


def test_what_is_logged_meanwhile_is_sent_in_order_when_it_is_back(server, tmp_path):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    tracker.log_metrics(run, {"test/a": 1.0})
    server.away = True
    tracker.tag(run, {"state": "first"})
    tracker.tag(run, {"state": "second"})
    tracker.log_settings(run, {"lr": 0.1}, {})
    assert "state" not in server_tags(server, run)
    server.away = False
    tracker.log_metrics(run, {"test/b": 2.0})
    data = tracker.client.get_run(run).data
    assert data.tags["state"] == "second" and data.params == {"lr": "0.1"}
    assert data.metrics == {"test/a": 1.0, "test/b": 2.0}


def server_tags(server, run):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=server.address).get_run(run).data.tags


def test_a_run_begun_without_a_server_is_made_afterwards(server, tmp_path, capsys):
    server.away = True
    spool, path = tmp_path / "spool", tmp_path / "config.yaml"
    path.write_text("name: recipe")
    tracker = server.tracker(spool)
    parent = tracker.open_run("sweep", "folder")
    child = tracker.open_run("recipe", "v1", parent)
    assert tracker.find_run("v1", parent) == child != tracker.find_run("folder") == parent
    tracker.log_files(child, [path])
    tracker.log_metrics(child, {"test/a": 1.0})
    path.unlink()
    tracker.finish(child)
    tracker.finish(parent)
    told = capsys.readouterr().err
    assert told.count("facsimile track") == 1 and "goes on" in told
    server.away = False
    later = server.tracker(spool)
    assert [one.rpartition(": ")[2] for one in later.send_kept()] == ["sent", "sent"]
    made = later.find_run("folder")
    run = later.client.get_run(later.find_run("v1", made))
    assert run.info.status == "FINISHED" and run.data.metrics == {"test/a": 1.0}
    assert run.data.tags[PARENT] == made
    assert [one.path for one in later.client.list_artifacts(run.info.run_id)] == ["config.yaml"]
    assert [*later.send_kept()] == []


def test_a_run_keeps_the_time_it_had(server, tmp_path):
    server.away = True
    before = time.time() * 1000
    tracker = server.tracker(tmp_path / "spool")
    local = tracker.open_run("recipe", "v1")
    tracker.log_metrics(local, {"a": 1.0})
    after = time.time() * 1000
    Journal(tracker.folder / local).disown()  # as its process ends
    time.sleep(0.05)
    server.away = False
    [_] = server.tracker(tmp_path / "spool").send_kept()
    tracker, run = only_run(server)
    assert before - 1 <= run.info.end_time <= after
    [metric] = tracker.client.get_metric_history(run.info.run_id, "a")
    assert before - 1 <= run.info.start_time <= metric.timestamp <= after


def test_a_lost_answer_makes_no_metric_twice(server, tmp_path, monkeypatch):
    """The server took it, and the line died before it could say so."""
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    sent = Journal.sent
    monkeypatch.setattr(Journal, "sent", lambda *_: (_ for _ in ()).throw(AwayError("no answer")))
    tracker.log_metrics(run, {"a": 1.0})
    monkeypatch.setattr(Journal, "sent", sent)
    tracker.log_metrics(run, {"a": 2.0})
    assert history(tracker, run, "a") == [(0, 1.0), (0, 2.0)]


def test_a_long_outage_is_sent_in_few_requests_and_goes_on_where_it_broke(server, tmp_path):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run)
    server.away = True
    for step in range(1200):
        logger.log_metrics({"train/loss": 1 / (step + 1)}, step)
    logger.finalize("success")
    Journal(tracker.folder / run).disown()
    server.away, server.fail_after = False, 1
    assert [*tracker.send_kept()][0].endswith("dead")
    assert len(history(tracker, run, "train/loss")) == 500
    server.fail_after, server.asked = None, 0
    [_] = tracker.send_kept()
    assert server.asked == 3  # two of metrics, one to say that it was killed
    assert history(tracker, run, "train/loss") == [(n + 1, 1 / (n + 1)) for n in range(1200)]


def test_what_the_server_refuses_is_set_aside_and_the_rest_goes_on(server, tmp_path):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    tracker.tag(run, {"a//b": "no path"})
    tracker.tag(run, {"good": "yes"})
    assert tracker.tags(run)["good"] == "yes"
    [refused] = (tmp_path / "spool").glob("*/*/refused.jsonl")
    assert "no path" in refused.read_text() and "reason" in refused.read_text()


def test_the_thread_sends_while_training_when_the_server_is_back(server, tmp_path, monkeypatch):
    monkeypatch.setattr("facsimile.tracking.sender.GATHER", 0.02)
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run)
    server.away = True
    logger.log_metrics({"a": 1.0}, 1)
    time.sleep(0.2)
    assert history(tracker, run, "a") == []
    server.away = False
    for _ in range(100):
        if history(tracker, run, "a"):
            break
        time.sleep(0.05)
    assert history(tracker, run, "a") == [(2, 1.0)]
    logger.finalize("success")


def test_a_server_that_has_to_be_there_is_asked_for_before_any_work(server, tmp_path):
    server.away = True
    with pytest.raises(UserError, match="when_away"):
        server.tracker(tmp_path / "spool", refuse=True)


def test_what_is_kept_for_another_store_is_told_without_its_password(server, tmp_path, capsys):
    server.away = True
    other = Tracker("postgresql://me:secret@127.0.0.1:1/mlflow", spool=tmp_path / "spool")
    other.open_run("recipe", "v1")
    assert "secret" not in capsys.readouterr().err
    server.away = False
    [told] = server.tracker(tmp_path / "spool").send_kept()
    assert "postgresql://me:…@127.0.0.1:1/mlflow" in told and "secret" not in told


@pytest.fixture
def silent():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def answering(code, of_health):
    """A server that answers so, to who asks for its health, and to others."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(of_health if self.path == "/health" else code)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture
def overloaded():
    """Answers that it cannot answer."""
    with answering(503, of_health=503) as place:
        yield f"http://{place}"


@pytest.mark.parametrize("code", [401, 429, 500])
def test_why_a_server_takes_nothing_is_told_without_the_password(code, tmp_path, capsys):
    with answering(code, of_health=200) as place:
        address = f"http://me:secret@{place}"
        tracker = Tracker(address, spool=tmp_path / "spool")
        tracker.log_metrics(tracker.open_run("recipe", "v1"), {"a": 1.0})
        told = capsys.readouterr().err
        assert str(code) in told and "secret" not in told and f"http://me:…@{place}" in told
        with pytest.raises(UserError, match=str(code)) as refused:
            Tracker(address, spool=tmp_path / "spool", refuse=True)
    assert "secret" not in str(refused.value)
    assert not [*(tmp_path / "spool").rglob("refused.jsonl")]


@pytest.fixture
def mute_of_http():
    """Says something else than HTTP, as another program on the server's port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["silent", "overloaded", "mute_of_http", "http://127.0.0.1:9"])
def test_a_dead_server_takes_nobodys_time(kind, request, tmp_path):
    address = kind if "://" in kind else request.getfixturevalue(kind)
    start = time.monotonic()
    tracker = Tracker(address, spool=tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    logger = tracker.logger(run)
    assert time.monotonic() - start < 4  # it was asked once or twice, for a second each
    start = time.monotonic()
    for step in range(100):
        logger.log_metrics({"a": 1.0}, step)
    assert time.monotonic() - start < 1
    logger.finalize("success")
    journal = Journal(tracker.folder / run)
    assert sum(entry["do"] == "metrics" for entry, _ in journal.entries()) == 100


def test_a_run_whose_process_was_killed_ends_as_killed_and_goes_on_when_trained_again(
    server, tmp_path
):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    tracker.log_metrics(run, {"a": 1.0})
    assert [*server.tracker(tmp_path / "spool").send_kept()] == []  # it lives
    assert tracker.client.get_run(run).info.status == "RUNNING"
    Journal(tracker.folder / run).disown()
    [told] = server.tracker(tmp_path / "spool").send_kept()
    ended = tracker.client.get_run(run)
    assert "killed" in told and ended.info.status == "KILLED"
    assert "killed" in ended.data.tags["interrupted"]
    assert [*server.tracker(tmp_path / "spool").send_kept()] == []
    assert server.tracker(tmp_path / "spool").open_run("recipe", "v1") == run
    again = tracker.client.get_run(run)
    assert again.info.status == "RUNNING" and "interrupted" not in again.data.tags


def test_what_a_living_run_has_not_sent_yet_is_left_to_it(server, tmp_path):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    server.away = True
    tracker.tag(run, {"state": "kept"})
    server.away = False
    [told] = server.tracker(tmp_path / "spool").send_kept()
    assert "is being made" in told and "state" not in server_tags(server, run)
    tracker.finish(run)
    assert server_tags(server, run)["state"] == "kept"


def test_of_a_deleted_run_it_is_told_once_that_nothing_is_taken(server, tmp_path, capsys):
    tracker = server.tracker(tmp_path / "spool")
    run = tracker.open_run("recipe", "v1")
    tracker.client.delete_run(run)
    for value in range(3):
        tracker.log_metrics(run, {"a": float(value)})
    assert capsys.readouterr().err.count("MLflow does not take") == 1
    assert tracker.open_run("recipe", "v1") != run


def test_a_large_file_is_waited_for_longer(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
    for name, size in (("a/small", 10), ("a/b/large", 3_000_000)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    for name, seconds in (("a/small", "15"), ("a/b/large", "18"), ("a", "18")):
        with patience_for(tmp_path / name):
            assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == seconds
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "15"


def test_a_killed_process_leaves_what_it_logged(server, tmp_path):
    code = (
        "import os; from pathlib import Path; from facsimile.tracking import Tracker\n"
        "import facsimile.tracking.store as store\n"
        "store._answers = lambda address: False\n"
        f"tracker = Tracker('http://127.0.0.1:9', spool=Path({str(tmp_path / 'spool')!r}))\n"
        "run = tracker.open_run('recipe', 'v1'); logger = tracker.logger(run)\n"
        "[logger.log_metrics({'a': 1.0}, n) for n in range(10)]\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    [folder] = (tmp_path / "spool").glob("*/local-*")
    assert len([*Journal(folder).entries()]) == 12
