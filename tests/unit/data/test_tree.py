import os

import pytest

from facsimile.data.problems import Problem
from facsimile.data.tree import is_archive, is_image, is_video, walk


def test_files_come_sorted_folder_by_folder(tmp_path):
    names = ["b.mp4", "a/z.txt", "a/b/c.JPG", "é.png", ".hidden/a.mp4", "a/.b.mp4", "c/d.zip"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert list(walk(tmp_path)) == ["b.mp4", "é.png", "a/z.txt", "a/b/c.JPG", "c/d.zip"]


def test_a_link_inside_the_root_to_a_file_is_a_file(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    (tmp_path / "b.mp4").symlink_to("a.mp4")
    (tmp_path / "c.mp4").symlink_to("../out.mp4")
    assert list(walk(tmp_path)) == [
        "a.mp4",
        "b.mp4",
        Problem("c.mp4", "it is a link that leads out of the root: put the files there instead"),
    ]


def test_a_folder_whose_name_is_no_utf_8(tmp_path):
    folder = tmp_path / os.fsdecode(b"\xe4")
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"")
    assert list(walk(tmp_path)) == [Problem("\ufffd", "its name is not UTF-8: rename it")]


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a.mp4").symlink_to("b.mp4")
    (tmp_path / "b.mp4").symlink_to("a.mp4")
    reason = "it is a link to nothing that can be read"
    assert list(walk(tmp_path)) == [Problem("a.mp4", reason), Problem("b.mp4", reason)]


@pytest.mark.parametrize(("closed", "files"), [("a/b", ["c/y.mp4"]), (".", [])])
def test_a_folder_that_cannot_be_read(tmp_path, monkeypatch, closed, files):
    for name in ("a/b/x.mp4", "c/y.mp4"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"")
    scan = os.scandir

    def refuse(path):  # whoever runs the tests as root can read everything
        if path == tmp_path / closed:
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    reason = "its files cannot be listed: Permission denied"
    assert list(walk(tmp_path)) == [Problem(closed, reason), *files]


def test_kinds_of_files():
    assert is_video("a/b.MP4") and is_image("a.b.JPeG") and is_archive("x.TAR.gz")
    assert not any(kind("a.csv") for kind in (is_video, is_image, is_archive))
