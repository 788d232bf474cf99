from fractions import Fraction

import av
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.media.video import VideoError, VideoWriter, probe, read_frames

RNG = np.random.default_rng(2)


def noise(count, width, height):
    return list(RNG.integers(0, 256, (count, height, width, 3), dtype=np.uint8))


def write(path, frames, rate=Fraction(25), **options):
    height, width = frames[0].shape[:2]
    with VideoWriter(path, width, height, rate, **options) as writer:
        for image in frames:
            writer.write(image)
    return path


def test_probe(clip):
    info = probe(clip)
    assert (info.width, info.height, info.frame_rate, info.frames) == (64, 48, 25, 30)
    assert info.has_audio and info.rotation == 0 and info.duration == pytest.approx(1.2, abs=0.1)


def test_frames_are_those_of_ffmpeg(tools, clip):
    frames = list(read_frames(clip))
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([k / 25 for k in range(30)])
    oracle = tools.ffmpeg_frames(clip, 64, 48).astype(int)
    assert np.abs(np.stack([frame.image for frame in frames]) - oracle).mean() < 2


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (7, 12), (29, None), (3, 3), (50, None)])
def test_range(clip, start, stop):
    whole = list(read_frames(clip))[start:stop]
    part = list(read_frames(clip, start, stop))
    assert [f.index for f in part] == [f.index for f in whole]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(part, whole, strict=True))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied(tools, clip, tmp_path, degrees):
    turned = tmp_path / "turned.mp4"
    tools.ffmpeg("-display_rotation", degrees, "-i", clip, "-c", "copy", turned)
    width, height = (48, 64) if degrees % 180 else (64, 48)
    info = probe(turned)
    assert (info.width, info.height) == (width, height) and info.rotation
    ours = np.stack([frame.image for frame in read_frames(turned)])
    assert np.abs(ours - tools.ffmpeg_frames(turned, width, height).astype(int)).mean() < 2


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_truncated_video_gives_its_good_frames_then_says_so(tools, tmp_path, share):
    whole = tools.write_plain(
        tmp_path / "whole.mp4", noise(40, 64, 48), audio=None, options={"movflags": "faststart"}
    )
    tools.ffmpeg("-i", whole, "-c", "copy", "-movflags", "faststart", tmp_path / "cut.mp4")
    data = (tmp_path / "cut.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: int(len(data) * share)])
    assert probe(tmp_path / "cut.mp4").frames == 40  # the container still claims all
    read, whole_frames = [], list(read_frames(whole))
    with pytest.raises(VideoError, match=r"cut\.mp4.*cut off"):
        for frame in read_frames(tmp_path / "cut.mp4"):
            read.append(frame)
    good = [frame for frame in read if not frame.damaged]
    assert 40 * share / 2 < len(good) < 40
    for frame in good:
        assert np.array_equal(frame.image, whole_frames[frame.index].image)


def test_broken_middle_does_not_end_the_video(tools, tmp_path):
    path = tools.write_plain(tmp_path / "a.mp4", noise(30, 64, 48), audio=None, options={"g": "5"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = RNG.bytes(3000)
    path.write_bytes(data)
    frames = []
    with pytest.raises(VideoError, match="damaged"):
        for frame in read_frames(path):
            frames.append(frame)
    assert len(frames) > 20


def test_zero_bytes_text_sound_and_nothing(tools, tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no video " * 500)
    with av.open(str(tmp_path / "song.m4a"), "w") as container:
        tools.mux_tone(container, container.add_stream("aac", rate=16000), 1)
    for name in ("empty.mp4", "text.mp4", "song.m4a", "gone.mp4"):
        with pytest.raises(VideoError, match=name.replace(".", r"\.")):
            list(read_frames(tmp_path / name))
        with pytest.raises(VideoError, match=name.replace(".", r"\.")):
            probe(tmp_path / name)


def test_non_ascii_name_and_colon(clip, tmp_path):
    path = tmp_path / "größe: 漢字 clip.mp4"
    path.write_bytes(clip.read_bytes())
    assert len(list(read_frames(path))) == 30


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (1, 1), (3, 17)])
@pytest.mark.parametrize("suffix", [".mkv", ".avi"])
def test_ffv1_is_lossless(tools, tmp_path, size, suffix):
    frames = noise(5, *size)
    path = write(tmp_path / f"a{suffix}", frames, codec="ffv1")
    assert np.array_equal(np.stack([f.image for f in read_frames(path)]), np.stack(frames))
    assert np.array_equal(tools.ffmpeg_frames(path, *size), np.stack(frames))


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (2, 2), (1, 3)])
def test_h264_keeps_size_rate_count_and_colours(tools, tmp_path, size):
    frames = tools.smooth_frames(31, *size)
    path = write(tmp_path / "ü.mp4", frames, Fraction(30000, 1001))
    info = probe(path)
    assert (info.width, info.height, info.frames) == (*size, 31)
    assert info.frame_rate == Fraction(30000, 1001)
    oracle = tools.ffmpeg_frames(path, *size)
    assert len(oracle) == 31 == len(list(read_frames(path)))
    if min(size) > 2:
        assert np.abs(oracle.astype(int) - np.stack(frames)).mean() < 4
        assert np.abs((oracle.astype(int) - np.stack(frames)).mean((0, 1, 2))).max() < 3


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "h264"), ("a.mkv", "ffv1")])
def test_same_frames_same_bytes(clip, tmp_path, name, codec):
    frames = noise(20, 64, 48)
    first = write(tmp_path / "1" / name, frames, codec=codec, audio_from=clip)
    second = write(tmp_path / "2" / name, frames, codec=codec, audio_from=clip)
    assert first.read_bytes() == second.read_bytes()


def test_failure_leaves_nothing(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(RuntimeError), VideoWriter(path, 64, 48, Fraction(25)) as writer:
        writer.write(noise(1, 64, 48)[0])
        raise RuntimeError
    with pytest.raises(UserError, match="no frame"), VideoWriter(path, 64, 48, Fraction(25)):
        pass
    with (
        pytest.raises(UserError, match="48, 64"),
        VideoWriter(path, 64, 48, Fraction(25)) as writer,
    ):
        writer.write(noise(1, 48, 64)[0])
    assert not list(tmp_path.iterdir())
