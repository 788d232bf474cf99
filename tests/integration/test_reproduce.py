"""`facsimile reproduce` with git, DVC and a remote, of an older commit whose data is gone here."""

import json
import os
import shutil
import sys

import pandas as pd
import pytest
from tests.made_project import GIT, RECIPE, ROOT, Project, write_pipeline

from facsimile.pipelines.rerun import ENTRY
from facsimile.tracking import Tracker

pytestmark = pytest.mark.long

MADE = [f"data/{name}/sample" for name in ("faces", "selected", "splits", "degraded", "baselines")]
FACES = {"cmd": "true", "outs": [*MADE, "data/models"]}  # stands in for extract, select, split …


@pytest.fixture(scope="module")
def project(tmp_path_factory, write_noise_faces, models_root):
    """Two commits, the second with other data; what the first had is only in a remote."""
    root = tmp_path_factory.mktemp("reproduce")
    folder = root / "project"
    folder.mkdir()
    write_pipeline(folder, faces=FACES)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", folder)
    write_noise_faces(folder / "data")
    shutil.copytree(models_root, folder / "data/models")
    (folder / ".gitignore").write_text("/data/\n/work\n__pycache__/\n*.ckpt\n")
    environment = os.environ | {"FACSIMILE_ROOT": ".", "DVC_NO_ANALYTICS": "1"}
    environment |= {"MLFLOW_TRACKING_URI": f"sqlite:///{root}/mlflow.db", "OMP_NUM_THREADS": "1"}
    environment |= {"PYTHONPATH": str(folder / "src"), "PATH": f"{root}/bin:{os.environ['PATH']}"}
    program = root / "bin/facsimile"  # that of this very tree
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{ENTRY}' \"$@\"\n")
    program.chmod(0o755)
    made = Project(folder, environment)
    made("git", "init", "-q")
    made("dvc", "init", "-q")
    (folder / ".dvcignore").write_text("__pycache__/\n")
    made("dvc", "remote", "add", "-q", "-d", "store", "../remote")
    commit(made, "first")
    assert "Running stage" in made("dvc", "repro")
    made("facsimile", "train", f"experiment={RECIPE}", "seed=3", f"output={root}/by_hand")
    faces = folder / "data/splits/sample/identity.parquet"
    pd.read_parquet(faces).iloc[:-1].to_parquet(faces)
    commit(made, "second")
    made("dvc", "gc", "-q", "-w", "-f")
    return made


def commit(project, name):
    project("dvc", "commit", "-q", "-f", "faces")
    project("dvc", "push", "-q", "faces")
    project("git", "add", "-A")
    project(*GIT, "commit", "-q", "-m", name)


def run_of(project, seed):
    tracker = Tracker(project.environment["MLFLOW_TRACKING_URI"])
    [run] = tracker.client.search_runs([tracker.experiment_id], f"tags.seed = '{seed}'")
    return run.info.run_id


@pytest.mark.parametrize(("seed", "how"), [("3", "by hand"), ("1", "by dvc repro")])
def test_a_run_of_an_older_commit_and_its_data_comes_out_the_same(project, seed, how, tmp_path):
    run = run_of(project, seed)
    said = project("facsimile", "reproduce", f"run={run}", f"output={tmp_path / 'again'}")
    assert "brought back by DVC: data/splits/sample" in said
    told = json.loads((tmp_path / "again/reproduce.json").read_text())
    assert told["identical"] and told["compared"]["test"] > 10 and told["compared"]["val"] > 1
    assert all(told["versions"].values())
    assert project("git", "worktree", "list").count("\n") == 1
    assert project("git", "status", "--short") == ""


def test_data_that_no_place_has_any_more_is_told(project):
    (project.folder.parent / "remote").rename(project.folder.parent / "lost")
    shutil.rmtree(project.folder / ".dvc/cache")
    try:
        code, said = project.tried("facsimile", "reproduce", f"run={run_of(project, '3')}")
    finally:
        (project.folder.parent / "lost").rename(project.folder.parent / "remote")
    assert code == 2 and "data/splits/sample" in said and "Traceback" not in said
