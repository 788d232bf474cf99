from fractions import Fraction

import av
import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.media.video import VideoWriter, probe


@pytest.fixture
def frames(tools):
    return tools.smooth_frames(30, 64, 48)


def copy(source, path, frames, **options):
    with VideoWriter(path, 64, 48, Fraction(25), audio_from=source, **options) as writer:
        for image in frames:
            writer.write(image)
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "h264"), ("a.mkv", "ffv1")])
def test_packets_are_copied(tools, clip, tmp_path, name, codec, frames):
    path = copy(clip, tmp_path / name, frames, codec=codec)
    source, copied = tools.packets(clip, "audio"), tools.packets(path, "audio")
    assert [data for _, data in copied] == [data for _, data in source]
    # Matroska has no times before 0: there, sound and pictures begin later by the same amount
    shift = tools.packets(path, "video")[0][0]
    assert [t - shift for t, _ in copied] == pytest.approx([t for t, _ in source], abs=0.002)


def test_audio_plays_with_the_pictures_it_had(tools, clip, tmp_path, frames):
    path = copy(clip, tmp_path / "late.mp4", frames[10:], audio_start=0.4)

    def sound(source, *seek):
        raw = tools.ffmpeg(*seek, "-i", source, "-f", "s16le", "-ar", 16000, "-ac", 1, "-")
        return np.frombuffer(raw, np.int16).astype(float)

    whole, late = sound(clip), sound(path)
    assert abs(len(late) - 0.8 * 16000) < 1200
    window = late[4000:8000]
    lags = range(0, 12000)
    best = max(lags, key=lambda lag: window @ whole[lag : lag + 4000] if lag < 15000 else 0)
    assert best == pytest.approx(0.4 * 16000 + 4000, abs=0.005 * 16000)


def test_audio_ends_with_the_pictures(tools, clip, tmp_path, frames):
    path = copy(clip, tmp_path / "short.mp4", frames[:5])
    assert max(time for time, _ in tools.packets(path, "audio")) < 0.2
    assert probe(path).frames == 5


def test_sound_and_pictures_are_interleaved(tools, tmp_path):
    frames = tools.smooth_frames(30, 64, 48) * 10
    long = tools.write_plain(tmp_path / "long.mp4", frames)
    path = copy(long, tmp_path / "copy.mp4", frames)
    with av.open(str(path)) as container:
        order = [(p.pos, p.stream.type) for p in container.demux() if p.pos is not None]
    kinds = [kind for _, kind in sorted(order)]
    middle = len(kinds) // 2
    assert {"audio", "video"} == set(kinds[middle - 60 : middle + 60])


def test_without_audio(tools, tmp_path, frames):
    silent = tools.write_plain(tmp_path / "silent.mp4", frames, audio=None)
    assert not probe(copy(silent, tmp_path / "a.mp4", frames)).has_audio
    assert not probe(copy(None, tmp_path / "b.mp4", frames)).has_audio


def test_what_cannot_be_copied_is_named(tools, tmp_path, frames):
    odd = tools.write_plain(tmp_path / "odd.mov", frames, audio="pcm_mulaw")
    with pytest.raises(UserError, match=r"odd\.mov.*pcm_mulaw"):
        copy(odd, tmp_path / "a.mp4", frames)
    with pytest.raises(UserError, match=r"gone\.mp4"):
        copy(tmp_path / "gone.mp4", tmp_path / "a.mp4", frames)
    assert [path.name for path in tmp_path.iterdir()] == ["odd.mov"]
