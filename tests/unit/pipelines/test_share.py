import pytest
from omegaconf import OmegaConf

from facsimile import cores
from facsimile.cores import CORES, usable_cores
from facsimile.pipelines import share
from facsimile.pipelines.share import cores_of_a_job, jobs_at_once

JOBLIB = "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher"


@pytest.fixture(autouse=True)
def _machine(monkeypatch):
    """Eight cores and 100 GB."""
    monkeypatch.delenv(CORES, raising=False)
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(share, "_free", lambda: 100 << 30)


def launcher(target=JOBLIB, **settings):
    return OmegaConf.create({"_target_": target, **settings})


@pytest.mark.parametrize(
    ("asked", "jobs", "each"), [(1, 1, 8), (2, 2, 4), (3, 3, 2), (-1, 8, 1), (99, 8, 1)]
)
def test_jobs_share_the_cores(asked, jobs, each):
    assert jobs_at_once(launcher(n_jobs=asked)) == jobs
    assert cores_of_a_job(launcher(n_jobs=asked)) == each


def test_no_more_jobs_than_memory_holds(monkeypatch):
    monkeypatch.setattr(share, "_free", lambda: 3 * share.BASE + 1)
    assert jobs_at_once(launcher(n_jobs=8)) == 3 and cores_of_a_job(launcher(n_jobs=8)) == 2
    monkeypatch.setattr(share, "_free", lambda: 0)
    assert jobs_at_once(launcher(n_jobs=8)) == 1


def test_a_scheduler_is_asked_for_cores():
    assert cores_of_a_job(launcher("x.BasicLauncher")) is None
    assert (
        cores_of_a_job(launcher("x.ray_launcher.RayLauncher", ray={"remote": {"num_cpus": 3}})) == 3
    )
    assert cores_of_a_job(launcher("x.ray_launcher.RayLauncher", ray={"remote": {}})) == 1
    assert cores_of_a_job(launcher("x.submitit_launcher.SlurmLauncher", cpus_per_task=6)) == 6


def test_a_share_bounds_the_cores(monkeypatch):
    assert usable_cores() == 8
    for given, cores_of_it in (("3", 3), ("99", 8), ("0", 1)):
        monkeypatch.setenv(CORES, given)
        assert usable_cores() == cores_of_it
