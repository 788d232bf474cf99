"""A real MLflow server, killed in the middle of a training: nothing is lost, and nothing waits."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress

import pandas as pd
import pytest
import yaml
from tests.tiny_recipes import training

from facsimile.callbacks.history import History
from facsimile.pipelines.cli import main
from facsimile.tracking import Tracker

DOWN = float(os.environ.get("FACSIMILE_DOWN", 15))  # seconds
STEPS, KILLED = 60, 10


class Server:
    """One on loopback, over a database that outlives it."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--host",
            "127.0.0.1",
            "--workers",
            "1",
        ]
        command += ["--port", str(self.port), "--backend-store-uri", "sqlite:///server.db"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        log = (self.folder / "server.log").open("a")
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
        )
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/health", timeout=1):
                return
            time.sleep(0.2)
        raise TimeoutError((self.folder / "server.log").read_text())

    def kill(self):
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def server(tmp_path, monkeypatch):
    folder = tmp_path / "server"
    folder.mkdir()
    made = Server(folder)
    made.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.address)
    yield made
    made.kill()


@contextmanager
def watched(monkeypatch, at_step):
    """The times of a training's steps; `at_step` is called once, when it has come to KILLED."""
    times = []
    original = History.on_train_batch_end

    def note(self, trainer, *rest):
        original(self, trainer, *rest)
        times.append(time.monotonic())
        if trainer.global_step == KILLED:
            at_step()
        if trainer.global_step > KILLED:
            time.sleep(DOWN / STEPS * 1.5)  # so that it lasts longer than the server is away

    monkeypatch.setattr(History, "on_train_batch_end", note)
    yield times


def train(tmp_path, write_noise_faces, name):
    root = tmp_path / "project"
    write_noise_faces(root / "data")
    arguments = training(root, "detection_frequency", "trainer.log_every_n_steps=1", steps=STEPS)
    arguments += [f"output={tmp_path / name}", "evaluate=false"]
    assert main([one for one in arguments if one != f"trainer.log_every_n_steps={STEPS // 2}"]) == 0
    return tmp_path / name


def assert_whole(address, output):
    """Every step of every curve is there, once."""
    tracker = Tracker(address)
    [run] = tracker.client.search_runs([tracker.experiment_id])
    assert run.info.status == "FINISHED"
    losses = tracker.client.get_metric_history(run.info.run_id, "train/loss")
    assert sorted(one.step for one in losses) == list(range(1, STEPS + 1))
    curves = pd.read_csv(output / "train/curves.csv").dropna(subset=["val/loss"])
    logged = tracker.client.get_metric_history(run.info.run_id, "val/loss")
    assert sorted(one.value for one in logged) == sorted(curves["val/loss"])
    assert "config.yaml" in {one.path for one in tracker.client.list_artifacts(run.info.run_id)}
    version = yaml.safe_load((output / "train/version.yaml").read_text())
    assert run.data.tags["version.config"] == version["config"]


@pytest.mark.benchmark
def test_a_server_killed_and_started_again_misses_nothing(
    server, tmp_path, write_noise_faces, monkeypatch
):
    back = threading.Timer(DOWN, server.start)

    def outage():
        server.kill()
        back.start()

    with watched(monkeypatch, outage) as times:
        output = train(tmp_path, write_noise_faces, "away")
    longest = max(b - a for a, b in zip(times, times[1:], strict=False))
    print(f"\naway for {DOWN:.0f} s and its start; the longest step took {longest:.2f} s")
    assert longest < 2 + DOWN / STEPS * 1.5
    assert times[-1] - times[0] > DOWN
    back.join()
    if not is_finished(server.address):
        assert main(["track", f"paths.root={tmp_path / 'project'}"]) == 0  # it came back too late
    assert_whole(server.address, output)


def is_finished(address):
    tracker = Tracker(address)
    [run] = tracker.client.search_runs([tracker.experiment_id])
    return tracker.is_finished(run.info.run_id)


@pytest.mark.benchmark
def test_a_server_that_stays_away_gets_it_afterwards(
    server, tmp_path, write_noise_faces, monkeypatch, capsys
):
    with watched(monkeypatch, server.kill):
        output = train(tmp_path, write_noise_faces, "gone")
    assert "facsimile track" in capsys.readouterr().err
    assert main(["track", f"paths.root={tmp_path / 'project'}"]) == 2  # and still not there
    server.start()
    assert main(["track", f"paths.root={tmp_path / 'project'}"]) == 0
    assert "sent" in capsys.readouterr().out
    assert_whole(server.address, output)
