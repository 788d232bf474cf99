"""What the tests share: the fetched sample data, and shapes and types checked while they run."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

# one worker a core: its threads, and those of its programs, would only wait for the others'
if "PYTEST_XDIST_WORKER" in os.environ:  # read by what is imported next
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pytest
from jaxtyping import install_import_hook
from tests import quick_composing

ROOT = Path(__file__).resolve().parents[1]
# of the faces of noise
LANDMARKS = np.array([44, 50, 84, 50, 64, 72, 48, 94, 80, 94], np.float32)
SUBJECTS = {"src": "franck", "dst": "cap"}
SPLITS = ("train", "train", "train", "train", "val", "test")  # of each six faces of a person

# every jaxtyped signature is enforced from here on; it must come before the package's imports
# (`make bench` leaves it out: users run without)
if not os.environ.get("FACSIMILE_UNCHECKED"):
    install_import_hook("facsimile", "beartype.beartype")
    quick_composing.install()


def pytest_collection_finish() -> None:
    """Keep modules and tests, which stay to the end, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


def _fetched(folder: Path) -> Path:
    if not folder.is_dir():
        from facsimile.pipelines.cli import main

        assert main(["fetch"]) == 0, "the sample data could not be fetched"
    return folder


@pytest.fixture(scope="session")
def sample_root() -> Path:
    return _fetched(ROOT / "data/raw/sample")


@pytest.fixture(scope="session")
def models_root() -> Path:
    return _fetched(ROOT / "data/models")


@pytest.fixture(scope="session")
def write_noise_faces() -> Callable[[Path], None]:
    """Writes faces of noise into a data folder, laid out like the sample data."""
    return _write_noise_faces


@pytest.fixture(scope="session")
def _empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def mlflow_uri(tmp_path: Path, _empty_store: Path) -> str:
    """A database of the test's own; MLflow takes a second to make one, a copy takes none."""
    return f"sqlite:///{shutil.copy(_empty_store, tmp_path)}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, write_noise_faces: Callable) -> Path:
    """A project's folder with the data that the recipes read; some modules have their own."""
    folder = tmp_path_factory.mktemp("project")
    write_noise_faces(folder / "data")
    return folder


@pytest.fixture
def in_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's folder is the current one, and its runs go to a database in it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
    monkeypatch.chdir(root)  # MLflow puts artifacts below it


def _write_noise_faces(data: Path) -> None:
    """24 faces, for all recipes, under the names that their configurations read."""
    from tests.labelled_faces import write_labelled_faces
    from tests.tiny_test_sets import write_test_sets

    rows = [_noise_face(data, number) for number in range(24)]
    swap = pd.DataFrame(rows)
    splits, selected = data / "splits/sample", data / "selected/sample"
    splits.mkdir(parents=True)
    swap.to_parquet(splits / "swap.parquet")
    identity = swap.assign(path=[f"images/{number:06d}.png" for number in swap["frame"]])
    identity.to_parquet(splits / "identity.parquet")
    identity.to_parquet(data / "faces/sample/faces.parquet")
    embeddings = [np.eye(128, dtype=np.float32)[int(who == "cap")] for who in swap["subject"]]
    swap[["clip", "frame"]].assign(embedding=embeddings).to_parquet(selected / "selected.parquet")
    write_test_sets(data)
    write_labelled_faces(data)


def _noise_face(data: Path, number: int) -> dict[str, Any]:
    """Write one face where the recipes look for it; returns its row in the tables."""
    from facsimile.media.image import write_image

    side, split = ("src", "dst")[number % 2], SPLITS[number // 2 % len(SPLITS)]
    image = np.random.default_rng(number).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    path = f"data_{side}/{number:06d}.png"
    for target in (f"selected/sample/{path}", f"faces/sample/images/{number:06d}.png"):
        (data / target).parent.mkdir(parents=True, exist_ok=True)
        write_image(data / target, image)
    row = {"path": path, "subject": SUBJECTS[side], "clip": SUBJECTS[side], "frame": number}
    return row | {"split": split, "yaw": 0.0, "crop_landmarks": LANDMARKS}
