import subprocess
import sys
from pathlib import Path

import pytest

from facsimile.errors import UserError
from facsimile.pipelines import dvc_stores
from facsimile.pipelines.dvc_stores import Stores, stores

DVC = Path(sys.executable).with_name("dvc")
needs_dvc = pytest.mark.skipif(not DVC.is_file(), reason="dvc is not installed here")


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run([DVC, "init", "--no-scm", "-q"], cwd=root, check=True)
    return root


def configure(root, *arguments):
    subprocess.run([DVC, *arguments], cwd=root, check=True, capture_output=True)


def test_a_folder_without_dvc_has_no_stores(tmp_path):
    assert stores(tmp_path) == Stores([], [])


@needs_dvc
def test_the_cache_is_where_dvc_keeps_it_unless_told_otherwise(project):
    assert stores(project) == Stores([project / ".dvc/cache"], [])


@needs_dvc
def test_a_cache_elsewhere_is_named_from_the_root(project, tmp_path):
    configure(project, "cache", "dir", str(tmp_path / "shared"))
    [found] = stores(project).folders
    assert found.resolve() == tmp_path / "shared"


@needs_dvc
def test_remotes_that_are_folders_are_looked_into_and_others_named(project, tmp_path):
    remotes = {
        "plain": str(tmp_path / "plain"),
        "file": f"file://{tmp_path}/file",
        "cloud": "s3://bucket/path",
        "server": "ssh://lab/data",
    }
    for name, address in remotes.items():
        configure(project, "remote", "add", name, address)
    folders, elsewhere = stores(project)
    assert {path.resolve() for path in folders[1:]} == {tmp_path / "plain", tmp_path / "file"}
    assert elsewhere == ["s3://bucket/path", "ssh://lab/data"]


@needs_dvc
def test_a_remote_beside_the_project_is_found_from_there(project, tmp_path):
    configure(project, "remote", "add", "beside", "../beside")
    assert stores(project).folders[1].resolve() == tmp_path / "beside"


def test_where_dvc_is_not_installed_it_is_asked_for(tmp_path, monkeypatch):
    (tmp_path / ".dvc").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match=r"dvc, .* is not installed: pip install"):
        stores(tmp_path)


def program(folder, text):
    (folder / "bin").mkdir()
    (folder / "bin/dvc").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "bin/dvc").chmod(0o755)
    return str(folder / "bin/python")


def test_what_dvc_refuses_is_told(tmp_path, monkeypatch):
    (tmp_path / ".dvc").mkdir()
    monkeypatch.setattr(sys, "executable", program(tmp_path, "echo 'bad config' >&2; exit 1"))
    with pytest.raises(UserError, match=r"`dvc config --list` in .* failed: bad config"):
        stores(tmp_path)


def test_the_program_beside_python_is_asked_in_the_root(tmp_path, monkeypatch):
    (tmp_path / ".dvc").mkdir()
    monkeypatch.setattr(sys, "executable", program(tmp_path, 'echo "$(pwd)/$1"'))
    monkeypatch.setattr(dvc_stores.shutil, "which", lambda name: None)
    assert stores(tmp_path).folders == [tmp_path / "cache"]
