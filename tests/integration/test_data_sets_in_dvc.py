"""The data stages as DVC runs them, on small trees outside the project."""

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests import trees

pytestmark = [pytest.mark.sample, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(models_root, tmp_path):
    """A project that prepares DFDC and OpenForensics, its code and configuration being these."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("conf", "dvc.yaml", "params.yaml"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, project / name)
    (project / "src").symlink_to(ROOT / "src")
    shutil.copytree(models_root, project / "data/models")
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["datasets"] = ["dfdc", "openforensics"]
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    # what other tests compile meanwhile is no change of the code
    (project / ".dvcignore").write_text("__pycache__/\n")
    subprocess.run(["dvc", "init", "-q", "--no-scm"], cwd=project, check=True)
    return project


def repro(project, tmp_path, *stages):
    roots = {"DFDC_ROOT": tmp_path / "dfdc", "OPENFORENSICS_ROOT": tmp_path / "openforensics"}
    environment = os.environ | {key: str(path) for key, path in roots.items()}
    environment |= {"FACSIMILE_ROOT": ".", "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        ["dvc", "repro", "-s", *stages],
        cwd=project, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_one_more_video_reruns_only_what_it_must(project, sample_root, tmp_path):
    cut = trees.Cut(sample_root, tmp_path / "cut")
    root = trees.dfdc_full(tmp_path / "dfdc", cut)
    trees.openforensics(tmp_path / "openforensics", cut)
    stages = [f"{s}@{d}" for d in ("dfdc", "openforensics") for s in ("inventory", "extract")]
    repro(project, tmp_path, *stages)
    faces = {d: project / f"data/faces/{d}/faces.parquet" for d in ("dfdc", "openforensics")}
    assert all(len(pd.read_parquet(path)) for path in faces.values())
    before = {d: path.stat().st_mtime_ns for d, path in faces.items()}

    again = repro(project, tmp_path, *stages)
    assert again.count("didn't change, skipping") == 2  # both extractions
    assert {d: path.stat().st_mtime_ns for d, path in faces.items()} == before

    part = next(path.parent for path in sorted(root.rglob("metadata.json")))
    listed = yaml.safe_load((part / "metadata.json").read_text())
    cut.video(part / "newcomer.mp4")
    trees.write_json(
        part / "metadata.json", listed | {"newcomer.mp4": {"label": "REAL", "split": "train"}}
    )
    third = repro(project, tmp_path, *stages)
    assert "Stage 'extract@openforensics' didn't change, skipping" in third
    batches = pd.read_parquet(project / "data/faces/dfdc/batches.parquet")
    assert f"{len(batches) - 1} of {len(batches)} batches are there already" in third
    assert "newcomer" in set(pd.read_parquet(faces["dfdc"])["clip"])


def test_the_outputs_are_pushed_and_pulled_without_the_data(project, sample_root, tmp_path):
    trees.openforensics(tmp_path / "openforensics", trees.Cut(sample_root, tmp_path / "cut"))
    repro(project, tmp_path, "inventory@openforensics", "extract@openforensics")
    dvc = lambda *words: subprocess.run(["dvc", *words], cwd=project, check=True)  # noqa: E731
    dvc("remote", "add", "-d", "lab", str(tmp_path / "remote"))
    dvc("push", "-q", "extract@openforensics")
    faces = project / "data/faces/openforensics"
    kept = {path.name: path.read_bytes() for path in faces.rglob("*") if path.is_file()}
    for gone in (faces, project / ".dvc/cache", tmp_path / "openforensics"):
        shutil.rmtree(gone)
    dvc("pull", "-q", "extract@openforensics")
    assert {path.name: path.read_bytes() for path in faces.rglob("*") if path.is_file()} == kept


def test_an_edited_decision_reruns_the_selection_alone(project, sample_root, tmp_path):
    trees.openforensics(tmp_path / "openforensics", trees.Cut(sample_root, tmp_path / "cut"))
    described = project / "conf/data/openforensics.yaml"
    text = described.read_text().replace("decisions: null", "decisions: by_hand.csv")
    described.write_text(text)
    by_hand = project / "by_hand.csv"
    by_hand.write_text("path,decision\n")
    stages = [f"{stage}@openforensics" for stage in ("inventory", "extract", "select")]
    repro(project, tmp_path, *stages)
    path = pd.read_parquet(project / "data/faces/openforensics/faces.parquet").path[0]

    by_hand.write_text(f"path,decision\n{path},drop\n")
    again = repro(project, tmp_path, *stages)
    assert "Stage 'extract@openforensics' didn't change, skipping" in again
    rejected = pd.read_parquet(project / "data/selected/openforensics/rejected.parquet")
    assert dict(rejected.values)[path] == "by hand"

    third = repro(project, tmp_path, *stages)
    assert third.count("didn't change, skipping") == 2
