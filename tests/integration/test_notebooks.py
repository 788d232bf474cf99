"""Every notebook runs from top to bottom, on a small project, and is committed without outputs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from tests.tiny_recipes import training

from facsimile.pipelines.cli import main

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TRAINED = {"swap_df": [()], "enhancement_r2unet": [("seed=1",), ("seed=2", "optimizer.lr=1e-4")]}


@pytest.fixture(scope="module")
def project(tmp_path_factory, write_noise_faces, sample_root, models_root):
    """Faces of noise, and trainings of two steps in an MLflow database and a DVC repository."""
    root = tmp_path_factory.mktemp("project")
    write_noise_faces(root / "data")
    _add_what_select_says(root / "data")
    (root / "data/models").symlink_to(models_root)
    (root / "data/raw").mkdir()
    (root / "data/raw/sample").symlink_to(sample_root)
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, root)
    subprocess.run(["dvc", "init", "-q", "--no-scm"], cwd=root, check=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        patched.chdir(root)  # MLflow puts artifacts below it
        for recipe, ways in TRAINED.items():
            for place, overrides in enumerate(ways):
                output = root / "experiments" / recipe / ("." if place == 0 else f"runs/{place}")
                preview = "callbacks.preview.every=2"
                assert main([*training(root, recipe, *overrides, preview), f"output={output}"]) == 0
    return root


def _add_what_select_says(data):
    """Measurements and rejections, which the faces of noise lack."""
    table = data / "faces/sample/faces.parquet"
    faces = pd.read_parquet(table)
    faces.assign(sharpness=np.linspace(5.0, 500.0, len(faces))).to_parquet(table)
    rejected = pd.DataFrame({"path": ["images/000000.png"], "reason": ["not sharp"]})
    rejected.to_parquet(data / "selected/sample/rejected.parquet")
    identity = data / "splits/sample/identity.parquet"
    people = pd.read_parquet(identity)  # a split by frames would not do for identities
    people.assign(subject=people["subject"] + "_" + people["split"]).to_parquet(identity)


@pytest.mark.sample
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_and_shows_pictures(path, project, monkeypatch):
    monkeypatch.setenv("FACSIMILE_ROOT", str(project))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project}/mlflow.db")
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=120, resources=place).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    if kept := os.environ.get("FACSIMILE_NOTEBOOKS"):  # to look at
        nbformat.write(notebook, Path(kept, path.name))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_stripped(path):
    cells = nbformat.read(path, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_notebooks_are_numbered_without_a_gap():
    numbers = [int(re.match(r"(\d\d)-", path.name)[1]) for path in NOTEBOOKS]
    assert numbers == list(range(1, len(NOTEBOOKS) + 1))
