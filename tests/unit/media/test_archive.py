import io
import stat
import tarfile
import zipfile

import pytest

from facsimile.media.archive import (
    ArchiveError,
    extract_all,
    extract_members,
    matching,
    member_names,
)


def make_tar(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(params=[make_tar, make_zip], ids=["tar.gz", "zip"])
def make(request):
    return request.param


def test_names_and_patterns(make, tmp_path):
    path = make(tmp_path / "a", {"p/s10/1.pgm": b"x", "p/s1/2.pgm": b"y", "p/readme.jpg": b"z"})
    assert member_names(path) == ["p/s10/1.pgm", "p/s1/2.pgm", "p/readme.jpg"]
    assert matching(path, "p/*/*.pgm") == ["p/s1/2.pgm", "p/s10/1.pgm"]


def test_only_what_is_asked_for_is_unpacked(make, tmp_path):
    path = make(tmp_path / "a", {"one": b"1" * 3_000_000, "two": b"2"})
    extract_members(path, {"one": tmp_path / "out" / "deep" / "é"})
    files = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in files] == [b"1" * 3_000_000]


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil", "c:/evil"])
def test_no_member_leaves_the_folder(make, tmp_path, name):
    path = make(tmp_path / "a", {"good": b"1", name: b"2"})
    inside = tmp_path / "deep" / "inside"
    with pytest.raises(ArchiveError, match="outside"):
        extract_all(path, inside)
    assert {p.name for p in tmp_path.rglob("*")} == {"a"}


def test_a_bomb_is_stopped_at_the_limit(make, tmp_path):
    path = make(tmp_path / "a", {"bomb": bytes(50_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(ArchiveError, match="more than 1000000 bytes"):
        extract_members(path, {"bomb": tmp_path / "out"}, limit=1_000_000)
    assert (tmp_path / "out").stat().st_size <= 1_000_000


def test_links_are_no_members(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert member_names(tmp_path / "a.tar") == member_names(tmp_path / "a.zip") == []


def test_a_missing_member_is_named(make, tmp_path):
    with pytest.raises(ArchiveError, match="has no file absent"):
        extract_members(make(tmp_path / "a", {"there": b"1"}), {"absent": tmp_path / "out"})


def test_damage_is_told(make, tmp_path):
    path = make(tmp_path / "a", {"one": bytes(range(256)) * 400})
    content = bytearray(path.read_bytes())
    content[60:120] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        extract_members(path, {"one": tmp_path / "out"})


@pytest.mark.parametrize("content", [b"", b"no archive at all"])
def test_what_is_no_archive(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        member_names(tmp_path / "a")
    with pytest.raises(ArchiveError, match="no archive at"):
        member_names(tmp_path / "b")
