"""What the tests share: the fetched sample data, and shapes and types checked while they run."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

ROOT = Path(__file__).resolve().parents[1]

# every jaxtyped signature is enforced from here on; it must come before the package's imports
# (`make bench` leaves it out: users run without)
if not os.environ.get("FACSIMILE_UNCHECKED"):
    install_import_hook("facsimile", "beartype.beartype")


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
