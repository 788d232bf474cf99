import zipfile

import pytest
from tests import withdrawal

from facsimile.data import jobs


@pytest.fixture
def wheel():
    """Make the wheel toy-1.0 with these members in a folder."""

    def make(folder, members):
        path = folder / "toy-1.0-py3-none-any.whl"
        info = {
            "toy-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
            "toy-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            b"Tag: py3-none-any\n",
            "toy-1.0.dist-info/RECORD": b"",
        }
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {**members, **info}.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return path

    return make


@pytest.fixture
def faces(tmp_path):
    """Ann alone, Ann with Bob, a fake of Ann's clip by nobody and one of it by Bob."""
    return withdrawal.write_faces(tmp_path / "faces")


@pytest.fixture(autouse=True)
def detectors_of_no_other_test():
    """A process keeps those it made; tests name other settings alike."""
    jobs._extraction.cache_clear()
