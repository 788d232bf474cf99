import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from facsimile.errors import UserError
from facsimile.media.files import Made, atomic_folder, atomic_path, sha256

MADE = Made(("faces.parquet",), ("images", "*.yaml"))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_path_appears_whole(tmp_path):
    path = tmp_path / "deep" / "ä.tar.gz"
    with atomic_path(path) as partial:
        partial.write_text("x")
        assert partial.suffix == ".gz" and partial.parent == path.parent and not path.exists()
    assert names(path.parent) == ["ä.tar.gz"] and path.read_text() == "x"


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert names(tmp_path) == ["a.txt"] and path.read_text() == "old"


def test_longest_name_fits(tmp_path):
    path = tmp_path / ("n" * 251 + ".txt")
    with atomic_path(path) as partial:
        partial.write_text("x")
    assert path.read_text() == "x"


def test_folder_replaces_the_old_one(tmp_path):
    path = tmp_path / "folder"
    for content in ("old", "new"):
        with atomic_folder(path) as partial:
            (partial / content).write_text(content)
    assert names(path) == ["new"] and names(tmp_path) == ["folder"]


def test_folder_failure_keeps_the_old_one(tmp_path):
    path = tmp_path / "folder"
    with atomic_folder(path) as partial:
        (partial / "old").write_text("")
    with pytest.raises(RuntimeError), atomic_folder(path) as partial:
        (partial / "new").write_text("")
        raise RuntimeError
    assert names(path) == ["old"] and names(tmp_path) == ["folder"]


def refused(path, match):
    with pytest.raises(UserError, match=match), atomic_folder(path, MADE):
        raise AssertionError("the block was entered")


@pytest.mark.parametrize("content", [["thesis.txt"], ["faces.parquet", "thesis.txt"], ["images"]])
def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path, content):
    path = tmp_path / "precious"
    path.mkdir()
    for name in content:
        (path / name).write_text("mine")
    refused(path, f"precious is not replaced: it holds {content[-1]}")
    assert names(path) == content and names(tmp_path) == ["precious"]


@pytest.mark.parametrize("content", [[], ["faces.parquet"], ["faces.parquet", "images", "a.yaml"]])
def test_an_empty_folder_and_an_earlier_output_are_replaced(tmp_path, content):
    path = tmp_path / "out"
    path.mkdir()
    for name in content:
        (path / name).write_text("old")
    with atomic_folder(path, MADE) as partial:
        (partial / "faces.parquet").write_text("new")
    assert names(path) == ["faces.parquet"] and names(tmp_path) == ["out"]
    assert (path / "faces.parquet").read_text() == "new"


def test_what_dvc_ignores_is_no_content_and_stays(tmp_path):
    path = tmp_path / "train"
    path.mkdir()
    (path / ".gitignore").write_text("/faces.parquet")
    with atomic_folder(path, MADE) as partial:
        (partial / "faces.parquet").write_text("new")
    assert names(path) == [".gitignore", "faces.parquet"]


def test_other_hidden_files_are_content(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.netrc").write_text("mine")
    refused(tmp_path / "home", r"holds \.netrc")


def test_a_file_is_never_replaced_by_a_folder(tmp_path):
    (tmp_path / "notes").write_text("mine")
    for path in (tmp_path / "notes", tmp_path / "notes" / "below"):
        refused(path, "notes is a file")
        with pytest.raises(UserError, match="notes is a file"), atomic_folder(path):
            pass
    with pytest.raises(UserError, match="notes cannot be made"), atomic_path(path):
        pass
    assert names(tmp_path) == ["notes"] and (tmp_path / "notes").read_text() == "mine"


def test_a_folder_is_never_replaced_by_a_file(tmp_path):
    with pytest.raises(UserError, match="is a folder"), atomic_path(tmp_path):
        pass


@pytest.mark.parametrize("name", [".", "..", "deep/../.."])
def test_the_current_folder_is_not_replaced(tmp_path, monkeypatch, name):
    (tmp_path / "here/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UserError, match="current folder"), atomic_folder(tmp_path / "here" / name):
        pass


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk")
    with atomic_folder(tmp_path / "link", MADE) as partial:
        (partial / "faces.parquet").write_text("new")
    assert (tmp_path / "link").is_symlink() and names(tmp_path / "disk") == ["faces.parquet"]


@pytest.mark.parametrize("move", [1, 2])
def test_stopped_between_two_moves_the_old_folder_is_there(tmp_path, monkeypatch, move):
    path = tmp_path / "out"
    path.mkdir()
    (path / "faces.parquet").write_text("old")
    rename, moves = Path.rename, []

    def stops(self, target):
        moves.append(target)
        if len(moves) == move:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stops)
    with pytest.raises(KeyboardInterrupt), atomic_folder(path, MADE):
        pass
    assert (path / "faces.parquet").read_text() == "old" and names(tmp_path) == ["out"]


KILLED = """
import os, sys
from pathlib import Path
from facsimile.media import files
path, move, rename, moves = Path(sys.argv[1]), int(sys.argv[2]), Path.rename, []
def dies(self, target):
    moves.append(target)
    if len(moves) == move:
        os._exit(9)
    return rename(self, target)
Path.rename = dies
with files.atomic_folder(path) as partial:
    (partial / "faces.parquet").write_text("new")
"""


@pytest.mark.parametrize(("move", "found"), [(1, "old"), (2, "old"), (3, "new")])
def test_after_a_kill_the_next_run_finds_a_whole_folder(tmp_path, move, found):
    path = tmp_path / "out"
    path.mkdir()
    (path / "faces.parquet").write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(move)], check=False)
    assert done.returncode == 9
    with pytest.raises(RuntimeError), atomic_folder(path, MADE):
        raise RuntimeError
    assert (path / "faces.parquet").read_text() == found
    assert not list(tmp_path.glob(".replaced-*"))


def test_sha256(tmp_path):
    data = bytes(range(256)) * 9000
    (tmp_path / "a").write_bytes(data)
    assert sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
