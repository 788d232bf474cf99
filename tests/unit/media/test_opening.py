import io
import os
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from facsimile.media import opening, work_limit
from facsimile.media.video import VideoError, VideoWriter, probe, read_frames


def refused(path, match):
    for read in (probe, lambda path: list(read_frames(path))):
        with pytest.raises(VideoError, match=match) as caught:
            read(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("form", "name"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WebP"), ("TIFF", "TIFF")]
)
def test_a_still_image_is_no_video(tmp_path, form, name):
    Image.new("RGB", (64, 48)).save(tmp_path / "a.mp4", form)
    refused(tmp_path / "a.mp4", f"it is a {name} image and no video")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "it is empty"),
        ("text.mp4", b"no video " * 500, "it is text and no video"),
        ("notes.txt", b"no video " * 500, "it is text and no video"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:10,\nclip.mp4\n", "it is text and no video"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile clip.mp4\n", "it is text and no video"),
        ("zeros.mp4", bytes(9999), "it is no video"),
        ("head.mp4", b"\0\0\0\x18ftypisom", "the MP4 or MOV container is damaged"),
    ],
)
def test_what_is_no_video(clip, tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, reason)


def test_no_moov_no_video(clip, tmp_path):
    data = clip.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: data.index(b"moov") - 4])
    refused(tmp_path / "cut.mp4", "container is damaged")


def test_sound_alone_and_with_a_cover(tools, tmp_path):
    with av.open(str(tmp_path / "song.mp4"), "w") as container:
        tools.mux_tone(container, container.add_stream("aac", rate=16000), 1)
    refused(tmp_path / "song.mp4", "no video stream")
    Image.new("RGB", (64, 48)).save(tmp_path / "cover.jpg")
    covered = tmp_path / "covered.mp4"
    tools.ffmpeg(
        *("-i", tmp_path / "song.mp4", "-i", tmp_path / "cover.jpg", "-map", "0", "-map", "1"),
        *("-c", "copy", "-disposition:v:0", "attached_pic", covered),
    )
    refused(covered, "no video stream")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_video_of_no_frames(tools, tmp_path, suffix):
    clip = tools.write_plain(tmp_path / "a.mp4", tools.smooth_frames(3, 64, 48), audio=None)
    tools.ffmpeg("-i", clip, "-c", "copy", "-frames:v", "0", tmp_path / f"none{suffix}")
    refused(tmp_path / f"none{suffix}", "no frame can be decoded|no video stream|End of file")


def test_one_frame_of_one_pixel(tmp_path):
    with VideoWriter(tmp_path / "a.mkv", 1, 1, Fraction(25), codec="ffv1") as writer:
        writer.write(np.full((1, 1, 3), 7, np.uint8))
    (frame,) = read_frames(tmp_path / "a.mkv")
    assert frame.time == 0 and (frame.image == 7).all() and probe(tmp_path / "a.mkv").width == 1


def test_frames_beyond_the_limit_are_refused(clip, monkeypatch):
    monkeypatch.setattr(opening, "FRAME_PIXEL_LIMIT", 64 * 48)
    assert len(list(read_frames(clip))) == 30
    monkeypatch.setattr(opening, "FRAME_PIXEL_LIMIT", 64 * 48 - 1)
    refused(clip, "frames of 64 x 48 pixels have more than 3071")


def test_the_decoder_itself_keeps_to_the_limit(tmp_path):
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 8000, 8000, "gray"
        container.mux(stream.encode(av.VideoFrame(8000, 8000, "gray")))
        container.mux(stream.encode(None))
    refused(tmp_path / "a.mov", "its frames have more than 40000000 pixels")


def test_a_variable_frame_rate_keeps_its_times(tools, tmp_path):
    times = [0, 40, 50, 300, 301, 1000]
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time, image in zip(times, tools.smooth_frames(6, 64, 48), strict=True):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frames = list(read_frames(tmp_path / "a.mkv"))
    assert [frame.time for frame in frames] == pytest.approx([t / 1000 for t in times])


@pytest.mark.parametrize("form", ["GIF", "PNG"])
def test_animations_are_videos(tmp_path, form):
    images = [Image.new("RGB", (20, 30), (60 * k, 0, 0)) for k in range(4)]
    target = io.BytesIO()
    images[0].save(target, form, save_all=True, append_images=images[1:], duration=100)
    (tmp_path / "a.gif").write_bytes(target.getvalue())
    frames = list(read_frames(tmp_path / "a.gif"))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 60, 120, 180]


class Clock:
    """Every look at it finds half a second gone."""

    now = 0.0

    def monotonic(self):
        self.now += 0.5
        return self.now


def test_the_time_limit_ends_a_file_after_its_good_frames(clip, monkeypatch):
    monkeypatch.setattr(work_limit, "time", Clock())
    frames = []
    with pytest.raises(VideoError, match="cannot read all of .*more than 6 seconds"):
        frames.extend(read_frames(clip, time_limit=6.0))
    with pytest.raises(VideoError, match="more than 6 seconds"):
        for frame in read_frames(clip, time_limit=6.0):
            frames.append(frame)
    assert 0 < len(frames) < 30


def test_the_readers_time_does_not_count(clip, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(work_limit, "time", SimpleNamespace(monotonic=lambda: clock.now))
    frames = read_frames(clip, time_limit=1.0)
    for _ in range(30):
        next(frames)
        clock.now += 100
    assert next(frames, None) is None


def test_a_limit_changes_no_frame(clip):
    plain, limited = list(read_frames(clip)), list(read_frames(clip, time_limit=60.0))
    assert len(plain) == len(limited)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(plain, limited, strict=True))


def test_opening_that_hangs_is_ended(clip):
    with pytest.raises(VideoError, match="more than 0 seconds"):
        probe(clip, time_limit=0.0)


def claiming(data, count):
    """An MP4 whose sizes of samples are replaced by one size and a number."""
    fields = {b"stsz": (4, 1), b"stts": (8, count), b"stsc": (12, count)}
    crafted = bytearray(data)
    for kind, (offset, value) in fields.items():
        place = data.index(kind) + 4
        struct.pack_into(">I", crafted, place + offset, value)
    struct.pack_into(">I", crafted, data.index(b"stsz") + 12, count)
    return bytes(crafted)


@pytest.mark.parametrize("method", [None, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_small_file_that_claims_millions_of_samples(clip, tmp_path, method):
    path = tmp_path / "claims.mp4"
    path.write_bytes(claiming(clip.read_bytes(), 80_000_000))
    if method is not None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
            archive.write(path, "claims.mp4")
        path = tmp_path / "a.zip/claims.mp4"
    refused(path, "it claims 80000000 samples, but has")


def test_the_memory_that_claims_may_cost(clip, tmp_path):
    """A process of its own, since the peak is that of its whole life."""
    path = tmp_path / "claims.mp4"
    path.write_bytes(claiming(clip.read_bytes(), 80_000_000))
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from facsimile.media.video import VideoError, probe\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: probe(Path(sys.argv[1]))\n"
        "except VideoError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", program, path]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 20_000  # kilobytes: believing it takes 2,900,000


def test_a_cut_off_file_that_claims_a_little_is_read(clip, tmp_path):
    path = tmp_path / "claims.mp4"
    path.write_bytes(claiming(clip.read_bytes(), 200_000))
    with pytest.raises(VideoError, match="cut off or damaged"):
        list(read_frames(path))


def test_a_disk_that_fails(clip, monkeypatch):
    def fail(file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(opening, "claimed_samples", fail)
    refused(clip, "Input/output error")


def test_a_damaged_duration_is_no_crash(tools, tmp_path):
    frames = tools.smooth_frames(5, 64, 48)
    path = tools.write_plain(tmp_path / "a.mkv", frames, audio=None)
    data = path.read_bytes()
    assert data.count(b"00:00:00.2") == 1
    path.write_bytes(data.replace(b"00:00:00.2", b"ab:00;00.2"))
    with pytest.raises(VideoError, match="damaged"):
        list(read_frames(path))


def test_nothing_is_left_behind(clip, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(clip, "clip.mp4")
    before, open_files = sorted(os.listdir(tmp_path)), len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        next(read_frames(tmp_path / "a.zip/clip.mp4"))
    assert sorted(os.listdir(tmp_path)) == before  # noqa: PTH208
    assert len(os.listdir("/proc/self/fd")) <= open_files + 1  # noqa: PTH208


def test_a_damaged_video_gives_the_same_frames_every_time(tools, tmp_path):
    frames = list(np.random.default_rng(0).integers(0, 256, (40, 96, 128, 3), dtype=np.uint8))
    path = tools.write_plain(tmp_path / "a.mp4", frames, audio=None, options={"g": "20"})
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)

    def read():
        got = []
        with suppress(VideoError):
            for frame in read_frames(path):
                got.append((frame.index, frame.time, frame.damaged, frame.image.tobytes()))
        return got

    first = read()
    assert len(first) > 30 and any(damaged for _, _, damaged, _ in first)
    assert all(read() == first for _ in range(5))
