import subprocess
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np
import pytest

from facsimile.media.codecs import Colours
from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.rendering.segment import Segment


@pytest.fixture
def clip_with_sound(tmp_path):
    """Two seconds of pictures and of sound."""
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=16000, layout="mono")
        for index in range(50):
            image = np.full((48, 64, 3), 4 * index, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for index in range(32):
            tone = np.sin(np.arange(1024) / 5 + index).astype(np.float32)[None] / 2
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, 1024 * index
            container.mux(audio.encode(frame))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def test_counts_and_reads_its_frames_only(make_clip):
    path = make_clip(count=12)
    assert [one.index for one in Segment(path, 3, 7).frames()] == [3, 4, 5, 6]
    assert Segment(path, 3, 7).count() == 4


def test_lossless_keeps_size_rate_and_pixels(make_clip, tmp_path):
    segment, path = Segment(make_clip(count=5), 1, 4), tmp_path / "b.mkv"
    with segment.lossless(path) as writer:
        for one in segment.frames():
            writer.write(one.image)
    info = probe(path)
    assert (info.width, info.height, info.frame_rate) == (96, 64, Fraction(30000, 1001))
    pairs = zip(read_frames(path), segment.frames(), strict=True)
    assert all((one.image == other.image).all() for one, other in pairs)


@pytest.mark.parametrize(("start", "stop", "seconds"), [(0, 50, 2.0), (25, 50, 1.0)])
def test_viewable_carries_the_sound_of_its_frames(clip_with_sound, tmp_path, start, stop, seconds):
    segment, path = Segment(clip_with_sound, start, stop), tmp_path / "b.mp4"
    with segment.viewable(path, crf=30, columns=2) as writer:
        for one in segment.frames():
            writer.write(np.hstack([one.image, one.image]))
    info = probe(path)
    assert (info.width, info.height, info.frames) == (128, 48, stop - start)
    assert info.has_audio
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(seconds, abs=0.15)


@pytest.mark.parametrize("codec", ["h264", "hevc", "ffv1"])
def test_viewable_keeps_rate_and_colour_properties(tmp_path, codec):
    source, path = tmp_path / "a.mp4", tmp_path / "b.mp4"
    colours = Colours(5, 6, 5, True)
    images = [np.full((48, 64, 3), 40 * index, np.uint8) for index in range(5)]
    with VideoWriter(source, 64, 48, Fraction(24000, 1001), colours=colours) as writer:
        for image in images:
            writer.write(image)
    segment = Segment(source)
    with segment.viewable(path, codec) as writer:
        for one in segment.frames():
            writer.write(one.image)
    info = probe(path)
    assert info.frame_rate == Fraction(24000, 1001)
    assert (info.colours.primaries, info.colours.transfer) == (5, 6)
    assert info.colours.full
    assert info.colours.matrix == (0 if codec == "ffv1" else 5)
    pairs = zip(read_frames(path), segment.frames(), strict=True)
    assert max(np.abs(a.image.astype(int) - b.image).max() for a, b in pairs) <= 3


def test_a_turned_clip_becomes_an_upright_one(tmp_path):
    """Turned by its header alone, as a telephone writes it."""
    plain, turned, path = (tmp_path / f"{name}.mp4" for name in ("plain", "turned", "out"))
    image = np.full((48, 64, 3), 60, np.uint8)
    image[:24] = 200  # what is above when the clip lies
    with VideoWriter(plain, 64, 48, Fraction(25)) as writer:
        for _ in range(3):
            writer.write(image)
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-display_rotation", "90"]
        + ["-i", plain, "-c", "copy", turned],
        check=True,
    )
    segment = Segment(turned)
    assert probe(turned).rotation == 90
    with segment.viewable(path) as writer:
        for one in segment.frames():
            writer.write(one.image)
    info = probe(path)
    assert (info.width, info.height, info.rotation) == (48, 64, 0)
    result = next(read_frames(path)).image
    assert result[32, 4].mean() == pytest.approx(200, abs=4)  # now to the left
    assert result[32, -4].mean() == pytest.approx(60, abs=4)


def test_silent_clips_stay_silent(make_clip, tmp_path):
    segment, path = Segment(make_clip(count=3)), tmp_path / "b.mp4"
    with segment.viewable(path, crf=30) as writer:
        for one in segment.frames():
            writer.write(one.image)
    assert not probe(path).has_audio
