from fractions import Fraction

import av
import numpy as np
import pytest

from facsimile.media.video import probe, read_frames
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
    with segment.viewable(path, 30, columns=2) as writer:
        for one in segment.frames():
            writer.write(np.hstack([one.image, one.image]))
    info = probe(path)
    assert (info.width, info.height, info.frames) == (128, 48, stop - start)
    assert info.has_audio
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(seconds, abs=0.15)


def test_silent_clips_stay_silent(make_clip, tmp_path):
    segment, path = Segment(make_clip(count=3)), tmp_path / "b.mp4"
    with segment.viewable(path, 30) as writer:
        for one in segment.frames():
            writer.write(one.image)
    assert not probe(path).has_audio
