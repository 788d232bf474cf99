import io
import os
import random
import stat
import struct
import subprocess
import tarfile
import threading
import zipfile

import pytest

from facsimile.media.archive import ArchiveError
from facsimile.media.random_access import Slice, access

DATA = bytes(range(256)) * 50


def make_tar(path, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name in ("./a/one.bin", "two.bin"):
            info = tarfile.TarInfo(name)
            info.size = len(DATA)
            tar.addfile(info, io.BytesIO(DATA))
        tar.addfile(tarfile.TarInfo("empty"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def make_zip(path, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in ("a/one.bin", "two.bin"):
            archive.writestr(name, DATA)
    return path


def read(directory, name, limit=1 << 20):
    target = io.BytesIO()
    directory.copy(name, target, limit)
    return target.getvalue()


@pytest.fixture(params=["stored.zip", "deflated.zip", "tar"])
def archive(request, tmp_path):
    path = tmp_path / f"ä.{request.param}"
    if request.param == "tar":
        return make_tar(path)
    return make_zip(path, zipfile.ZIP_DEFLATED if "deflated" in path.name else zipfile.ZIP_STORED)


def test_members(archive):
    directory = access(archive)
    for name in ("a/one.bin", "two.bin"):
        assert read(directory, name) == DATA
        place = directory.stored(name)
        if place is None:
            assert "deflated" in archive.name
            continue
        with Slice(archive, *place) as stream:
            assert stream.read() == DATA
    for name in ("absent", "a", "link", "../two.bin"):
        with pytest.raises(ArchiveError, match=f"has no file {name}"):
            read(directory, name)


def test_files_with_their_sizes(archive):
    expected = [("a/one.bin", len(DATA)), ("two.bin", len(DATA))]
    more = [("empty", 0)] if archive.suffix == ".tar" else []
    assert list(access(archive).files()) == expected + more


def test_a_link_in_a_zip_is_no_file(tmp_path):
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert list(access(tmp_path / "a.zip").files()) == []
    with pytest.raises(ArchiveError, match="has no file link"):
        read(access(tmp_path / "a.zip"), "link")


def test_a_tar_that_is_cut_off(tmp_path):
    data = make_tar(tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(data[:20_000])
    with pytest.raises(ArchiveError, match=r"a\.tar is cut off or damaged"):
        access(tmp_path / "a.tar")


def test_a_file_with_holes_in_a_tar(tmp_path):
    (tmp_path / "holes").write_bytes(b"")
    os.truncate(tmp_path / "holes", 1 << 20)
    command = ["tar", "-C", tmp_path, "-S", "-cf", tmp_path / "a.tar", "holes"]
    subprocess.run(command, check=True)
    assert list(access(tmp_path / "a.tar").files()) == [("holes", 1 << 20)]
    with pytest.raises(ArchiveError, match="sparse"):
        read(access(tmp_path / "a.tar"), "holes")


class Counting(io.FileIO):
    """Counts the bytes that are read."""

    count = 0

    def readinto(self, buffer):
        done = super().readinto(buffer)
        Counting.count += done
        return done


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_costs_its_own_bytes_wherever_it_lies(tmp_path, monkeypatch, method):
    path, noise = tmp_path / "a.zip", random.Random(0).randbytes(200_000)
    with zipfile.ZipFile(path, "w", method) as archive:
        for number in range(100):
            archive.writestr(f"{number}.bin", noise)
    monkeypatch.setattr(
        zipfile.io, "open", lambda name, mode: io.BufferedReader(Counting(name, "r"))
    )
    directory = access(path)
    for number in (0, 99, 50):
        Counting.count = 0
        assert read(directory, f"{number}.bin") == noise
        assert Counting.count < 1.3 * len(noise)


def test_the_directory_is_read_once_and_again_after_a_change(archive):
    directory = access(archive)
    assert access(archive) is directory
    archive.write_bytes(archive.read_bytes() + bytes(1024))
    assert access(archive) is not directory


def test_bombs_stop_at_the_limit(archive):
    with pytest.raises(ArchiveError, match="more than 100 bytes"):
        read(access(archive), "two.bin", limit=100)


def test_many_threads_share_a_zip(tmp_path):
    directory, results = access(make_zip(tmp_path / "a.zip", zipfile.ZIP_DEFLATED)), []

    def work():
        results.extend(read(directory, name) == DATA for name in ("two.bin", "a/one.bin") * 20)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 320 and all(results)


def test_encrypted_members_are_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\1\2")
    data[place + 8] |= 1  # the flag in the directory; the standard library cannot encrypt
    path.write_bytes(data)
    for ask in (lambda: access(path).stored("a/one.bin"), lambda: read(access(path), "a/one.bin")):
        with pytest.raises(ArchiveError, match="encrypted"):
            ask()


def test_a_tar_that_is_compressed_as_a_whole_is_refused(tmp_path):
    with pytest.raises(ArchiveError, match=r"a\.tar\.gz is compressed as a whole.*unpack it first"):
        access(make_tar(tmp_path / "a.tar.gz", "w:gz"))


def test_what_is_no_archive(tmp_path):
    (tmp_path / "a.zip").write_text("text")
    with pytest.raises(ArchiveError, match=r"a\.zip is .* no zip or tar archive"):
        access(tmp_path / "a.zip")


def test_slice_seeks_like_a_file(tmp_path):
    (tmp_path / "a").write_bytes(DATA)
    with Slice(tmp_path / "a", 10, 100) as part, io.BytesIO(DATA[10:110]) as whole:
        for offset, whence in [(0, 0), (5, 0), (-20, 2), (7, 1), (500, 0), (0, 2)]:
            assert part.seek(offset, whence) == whole.seek(offset, whence) == part.tell()
            assert part.read(13) == whole.read(13)
        assert part.seekable() and part.readable()


def test_a_damaged_local_header(tmp_path):
    path = make_zip(tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    data[:4] = struct.pack("<I", 0)
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="damaged"):
        access(path).stored("a/one.bin")
