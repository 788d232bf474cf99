import os
import warnings
import zipfile

import pytest
from tests import trees

from facsimile.data.packed import Places, contents, members, spellings
from facsimile.data.problems import Problem


def plant(root, names, data=b"x"):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def write_zip(path, names, data=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # of a name that repeats
        for name in names:
            archive.writestr(name, data)


def reasons(entries):
    return {one.path: one.reason for one in entries if isinstance(one, Problem)}


@pytest.mark.parametrize("archive", ["x.zip", "x.TAR"])
def test_members_come_after_the_files_that_lie_unpacked(tmp_path, archive):
    plant(tmp_path, ["d/c/1.jpg", "d/b.jpg", "d/é.json"])
    trees.pack(tmp_path, f"d/{archive}", "d").rename(tmp_path / archive)
    plant(tmp_path, ["z.mp4"])
    found = ["z.mp4", *(f"{archive}/d/{name}" for name in ("b.jpg", "é.json", "c/1.jpg"))]
    assert list(contents(tmp_path)) == found


@pytest.mark.parametrize("folder", ["", "a/"])
def test_a_file_that_is_there_unpacked_comes_once(tmp_path, folder):
    write_zip(tmp_path / "s/a.zip", ["b/1.mp4", "b/2.mp4"])
    plant(tmp_path / "s", [f"{folder}b/1.mp4"])
    assert list(contents(tmp_path)) == [f"s/{folder}b/1.mp4", "s/a.zip/b/2.mp4"]


def test_an_unpacked_file_of_another_size_is_told(tmp_path):
    write_zip(tmp_path / "a.zip", ["1.mp4", "2.mp4"])
    plant(tmp_path, ["1.mp4"], data=b"only a half of")
    problem, *files = contents(tmp_path)
    assert (problem.path, files) == ("a.zip/1.mp4", ["1.mp4", "a.zip/2.mp4"])
    assert problem.reason.startswith("1.mp4 is the same file unpacked")


def test_members_that_are_refused(tmp_path):
    names = ["../out.mp4", "/abs.mp4", "c:x.mp4", "in.zip", "twice.mp4", "twice.mp4", "ok.mp4"]
    write_zip(tmp_path / "a.zip", [*names, "__MACOSX/x.mp4", "b/._y.mp4", "folder/"])
    found = list(members(tmp_path, "a.zip"))
    assert [one for one in found if isinstance(one, str)] == ["a.zip/twice.mp4", "a.zip/ok.mp4"]
    told = reasons(found)
    outside = ("a.zip/../out.mp4", "a.zip//abs.mp4", "a.zip/c:x.mp4")
    assert all("outside its folder" in told[name] for name in outside)
    assert "archive in an archive" in told["a.zip/in.zip"]
    assert told["a.zip/twice.mp4"] == "another file has its name"
    assert len(told) == 5


def test_a_name_in_a_tar_that_is_no_utf_8(tmp_path):
    plant(tmp_path, [os.fsdecode(b"\xff.mp4")])
    trees.pack(tmp_path, "a.tar")
    assert list(contents(tmp_path)) == [
        Problem("a.tar/\ufffd.mp4", "its name is not UTF-8: rename it")
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.zip", b"PK\3\4 nothing more", "no zip or tar archive"),
        ("a.tar", b"", "no zip or tar archive"),
        ("a.tar.gz", None, "compressed as a whole"),
    ],
)
def test_archives_that_cannot_be_read(tmp_path, name, data, reason):
    if data is None:
        import tarfile

        with tarfile.open(tmp_path / name, "w:gz") as tar:
            tar.addfile(tarfile.TarInfo("x.mp4"))
    else:
        (tmp_path / name).write_bytes(data)
    told = reasons(contents(tmp_path))
    assert list(told) == [name] and reason in told[name]
    assert str(tmp_path) not in told[name]


def test_spellings():
    assert spellings("a.mp4") == ("a.mp4",)
    assert spellings("zip/a.zip") == ("zip/a.zip",)
    assert spellings("s/T.Tar.GZ/b.mp4") == ("s/T.Tar.GZ/b.mp4", "s/b.mp4", "s/T/b.mp4")


def test_places_beside_a_list():
    files = ["a.zip/p/1.mp4", "b.zip/p/1.mp4", "b.zip/p/2.mp4", "c/3.mp4", "d.zip/4.mp4"]
    places = Places(files)
    assert places.beside("a.zip/list", "p/1.mp4") == ["a.zip/p/1.mp4"]
    assert places.beside("list", "p/1.mp4") == ["a.zip/p/1.mp4", "b.zip/p/1.mp4"]
    assert places.beside("p/list", "2.mp4") == ["b.zip/p/2.mp4"]
    assert places.beside("c.zip/list", "3.mp4") == ["c/3.mp4"]
    assert places.beside("lists.zip/list", "d/4.mp4") == ["d.zip/4.mp4"]
    assert places.beside("list", "3.mp4") == []
