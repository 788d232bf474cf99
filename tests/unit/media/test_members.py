import io
import os
import tarfile
import zipfile

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.media.image import read_image, write_image
from facsimile.media.members import locate, open_media, read_media
from facsimile.media.video import VideoError, probe, read_frames

RGB = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)


def pack(path, files):
    if path.suffix == ".tar":
        with tarfile.open(path, "w") as tar:
            for name, data in files.items():
                info = tarfile.TarInfo("./" + name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return path
    method = zipfile.ZIP_DEFLATED if "deflated" in path.name else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(params=["stored.zip", "deflated.zip", "plain.tar", "no_suffix"])
def archive(request, clip, tmp_path):
    write_image(tmp_path / "photo.png", RGB)
    files = {
        "a/ä: 漢.png": (tmp_path / "photo.png").read_bytes(),
        "b/clip.mp4": clip.read_bytes(),
        "b/cut.mp4": clip.read_bytes()[:3000],
        "b/text.mp4": b"no video",
    }
    return pack(tmp_path / request.param, files)


def test_a_photo_in_an_archive(archive):
    assert np.array_equal(read_image(archive / "a/ä: 漢.png"), RGB)


def test_a_video_in_an_archive_has_the_same_frames(archive, clip):
    inside, outside = list(read_frames(archive / "b/clip.mp4")), list(read_frames(clip))
    assert [(f.index, f.time) for f in inside] == [(f.index, f.time) for f in outside]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(inside, outside, strict=True))
    assert probe(archive / "b/clip.mp4") == probe(clip)


def test_messages_are_those_of_plain_files(archive, tmp_path):
    for name in ("cut.mp4", "text.mp4"):
        content = read_media(archive / "b" / name)
        (tmp_path / name).write_bytes(content)
        said = []
        for path in (archive / "b" / name, tmp_path / name):
            with pytest.raises(VideoError) as caught:
                list(read_frames(path))
            said.append(str(caught.value).replace(str(path), "PATH"))
        assert said[0] == said[1] and "PATH" in said[0]


@pytest.mark.parametrize("read", [read_image, probe, lambda path: list(read_frames(path))])
def test_what_the_archive_lacks(archive, read):
    with pytest.raises(UserError, match=f"{archive.name}/b/gone.*has no file b/gone"):
        read(archive / "b/gone")


def test_an_archive_that_is_none(tmp_path):
    (tmp_path / "a.zip").write_text("text")
    with pytest.raises(UserError, match=r"cannot read .*a\.zip/b\.jpg: a\.zip is not a folder"):
        read_image(tmp_path / "a.zip/b.jpg")
    with pytest.raises(VideoError, match=r"cannot read .*a\.zip/b\.mp4: a\.zip is not a folder"):
        probe(tmp_path / "a.zip/b.mp4")


def test_a_wrong_checksum_is_damage(tmp_path):
    path = pack(tmp_path / "a.zip", {"a.bin": b"good" * 100})
    path.write_bytes(path.read_bytes().replace(b"goodgood", b"evilgood", 1))
    with pytest.raises(UserError, match=r"a\.zip is damaged: Bad CRC-32"):
        read_media(path / "a.bin")


def test_limits(archive, tmp_path):
    with pytest.raises(UserError, match="more than 100 bytes"):
        read_media(archive / "b/clip.mp4", limit=100)
    with pytest.raises(UserError, match="more than 10 bytes"):
        read_media(tmp_path / "photo.png", limit=10)


def test_the_temporary_file_is_bounded_and_goes_away(clip, tmp_path):
    path = pack(tmp_path / "deflated.zip", {"clip.mp4": clip.read_bytes() + bytes(5_000_000)})
    with open_media(path / "clip.mp4") as source:
        assert isinstance(source, str) and os.path.exists(source.removeprefix("file:"))  # noqa: PTH110
    assert not os.path.exists(source.removeprefix("file:"))  # noqa: PTH110
    with (
        pytest.raises(UserError, match="more than 1000000 bytes"),
        open_media(path / "clip.mp4", limit=1_000_000),
    ):
        pass


def test_pipes_devices_and_folders_do_not_keep_us_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "zero"):
        path = tmp_path / f"{name}.mp4"
        with pytest.raises(UserError, match=r"it is (a folder|not a regular file)"):
            read_image(path)
        with pytest.raises(VideoError, match=r"it is (a folder|not a regular file)"):
            probe(path)


def test_plain_paths_are_not_looked_for_in_archives(tmp_path):
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "a.zip/b.jpg").write_text("x")
    (tmp_path / "broken").symlink_to("nowhere")
    for name in ("a.zip/b.jpg", "a.zip/none.jpg", "broken", "none/at/all"):
        assert locate(tmp_path / name) is None
