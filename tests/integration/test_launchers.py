"""Sweeps of trainings in other processes and on other machines."""

import os
import signal
import threading
import time

import pytest
from tests.tiny_recipes import training

from facsimile.pipelines.cli import main
from facsimile.pipelines.jobs import read_job, read_jobs
from facsimile.tracking import PARENT, Tracker

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("in_project")]
SWEEP = ["-m", "optimizer.lr=1e-3,2e-3", "seed=1,2", "evaluate=false", "sweep.objective=[val/loss]"]


@pytest.fixture(scope="module")
def cluster():
    """Two machines of one core."""
    import ray
    from ray.cluster_utils import Cluster

    two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    two.add_node(num_cpus=1)
    yield f"hydra.launcher.ray.init.address='{two.address}'"
    ray.shutdown()
    two.shutdown()


def sweep(root, name, *overrides, steps=2):
    return main(
        training(root, "detection_frequency", f"output={root}/{name}", *overrides, steps=steps)
    )


def curves(root, name):
    return [(root / name / str(job) / "train/curves.csv").read_text() for job in range(4)]


@pytest.fixture(scope="module")
def alone(root):
    """What one process after the other makes of the sweep."""
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{root}/mlflow.db"
    assert sweep(root, "alone", *SWEEP) == 0
    return curves(root, "alone")


def check_children(root, name):
    runs = Tracker(f"sqlite:///{root}/mlflow.db")
    (parent,) = runs.client.search_runs([runs.experiment_id], f"tags.sweep = '{name}'")
    query = f"tags.`{PARENT}` = '{parent.info.run_id}'"
    children = runs.client.search_runs([runs.experiment_id], query)
    assert parent.info.status == "FINISHED"
    assert [one.info.status for one in children] == ["FINISHED"] * 4


def test_two_processes_do_what_one_does(root, alone):
    at_once = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    assert sweep(root, "two", *SWEEP, *at_once) == 0
    assert curves(root, "two") == alone
    check_children(root, "two")


def test_an_error_in_another_process_is_told(root, capsys):
    at_once = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    assert sweep(root, "told", "-m", "optimizer.lr=1e-3,fast", "evaluate=false", *at_once) == 2
    assert "optimizer.lr=fast" in capsys.readouterr().err
    assert [job.state for job in read_jobs(root / "told")] == ["done", "failed"]


def test_a_cluster_does_what_one_process_does(root, alone, cluster):
    assert sweep(root, "ray", *SWEEP, "hydra/launcher=ray", cluster) == 0
    assert curves(root, "ray") == alone
    check_children(root, "ray")


def test_a_worker_that_is_killed_costs_no_job(root, alone, cluster):
    """Ray begins its job again, on the same folder."""
    killed = []

    def kill() -> None:
        while not killed:
            job = read_job(root / "killed", 1) if (root / "killed").is_dir() else None
            if job is not None and job.state == "running":
                killed.extend(_workers())
                for process in killed:
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.05)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    assert sweep(root, "killed", *SWEEP, "hydra/launcher=ray", cluster) == 0
    thread.join(1)
    assert killed and curves(root, "killed") == alone


def _workers() -> list[int]:
    """The processes below this one that do a job: Ray names them by it."""
    import psutil

    below = psutil.Process().children(recursive=True)
    return [one.pid for one in below if one.cmdline()[:1] == ["ray::_run_job"]]


def test_slurm_is_asked_for_what_a_job_takes(root, monkeypatch):
    """What submitit would hand to sbatch; there is no SLURM here."""
    from submitit.slurm.slurm import SlurmExecutor

    texts = []
    monkeypatch.setattr(SlurmExecutor, "affinity", classmethod(lambda cls: 2))

    def submitted(self, command):
        texts.append(self._make_submission_file_text(command, "uid"))
        raise RuntimeError("no SLURM")

    monkeypatch.setattr(SlurmExecutor, "_submit_command", submitted)
    slurm = ["hydra/launcher=submitit_slurm", "hydra.launcher.partition=faces"]
    slurm += ["hydra.launcher.cpus_per_task=3", "hydra.launcher.mem_gb=7"]
    assert sweep(root, "slurm", *SWEEP, *slurm) == 2
    (text,) = texts
    for line in ("partition=faces", "cpus-per-task=3", "mem=7GB", "array=0-3"):
        assert f"#SBATCH --{line}" in text


def test_submitit_does_what_one_process_does(root, alone):
    assert sweep(root, "local", *SWEEP, "hydra/launcher=submitit_local") == 0
    assert curves(root, "local") == alone
