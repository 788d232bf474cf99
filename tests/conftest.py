"""What the tests share: the fetched sample data, and shapes and types checked while they run."""

from pathlib import Path

import pytest
from jaxtyping import install_import_hook

ROOT = Path(__file__).resolve().parents[1]

# every jaxtyped signature is enforced from here on; it must come before the package's imports
hook = install_import_hook("facsimile", "beartype.beartype")
hook.install() if hasattr(hook, "install") else hook.__enter__()


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
