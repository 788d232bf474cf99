import hashlib

import pytest

from facsimile.media.files import atomic_folder, atomic_path, sha256


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


def test_sha256(tmp_path):
    data = bytes(range(256)) * 9000
    (tmp_path / "a").write_bytes(data)
    assert sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
