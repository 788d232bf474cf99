"""Small videos made on the spot, and another decoder to compare with."""

import subprocess
from fractions import Fraction
from types import SimpleNamespace

import av
import imageio_ffmpeg
import numpy as np
import pytest

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def smooth_frames(count, width, height):
    """Colour gradients that move: what a lossy codec keeps well."""
    y, x = np.mgrid[:height, :width]
    shade = [np.stack([x * 2 + 5 * k, y * 2 + 40, x + y + 3 * k], -1) for k in range(count)]
    return [(128 + 100 * np.sin(s / 40)).astype(np.uint8) for s in shade]


def write_plain(path, frames, rate=25, codec="libx264", audio="aac", options=None):
    """A video by PyAV alone, with a tone as its audio unless `audio` is None."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=rate, options=options or {})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = "yuv420p"
        sound = container.add_stream(audio, rate=16000) if audio else None
        for image in frames:
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(video.encode(None))
        if sound is not None:
            mux_tone(container, sound, len(frames) / rate)
    return path


def mux_tone(container, stream, seconds):
    time = np.arange(round(seconds * 16000)) / 16000
    tone = (np.sin(2 * np.pi * (200 + 200 * time) * time) * 8000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def packets(path, kind):
    with av.open(str(path)) as container:
        streams = getattr(container.streams, kind)
        return [
            (float(packet.pts * packet.time_base), bytes(packet))
            for packet in container.demux(streams[0])
            if packet.pts is not None
        ]


def ffmpeg(*arguments):
    done = subprocess.run([FFMPEG, "-v", "error", "-y", *map(str, arguments)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def ffmpeg_frames(path, width, height):
    """What the ffmpeg program decodes, upright, as an (n, h, w, 3) array."""
    raw = ffmpeg("-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


@pytest.fixture(scope="session")
def tools():
    """The functions above, for tests that cannot import this file."""
    return SimpleNamespace(
        smooth_frames=smooth_frames,
        write_plain=write_plain,
        mux_tone=mux_tone,
        packets=packets,
        ffmpeg=ffmpeg,
        ffmpeg_frames=ffmpeg_frames,
    )


@pytest.fixture
def clip(tmp_path):
    """30 frames of 64x48 at 25 frames/s, with sound."""
    return write_plain(tmp_path / "clip.mp4", smooth_frames(30, 64, 48))
