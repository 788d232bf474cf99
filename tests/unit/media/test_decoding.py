import time

import numpy as np
import pytest

from facsimile.media import decoding, opening
from facsimile.media.decoding import decode
from facsimile.media.opening import VideoError, opened
from facsimile.media.work_limit import WorkLimit

RNG = np.random.default_rng(5)


def frames_of(path, seconds=None):
    """The pictures that can be decoded, and what is raised behind the last."""
    limit, pictures = WorkLimit(seconds), []
    with opened(path, limit) as (container, stream):
        try:
            for frame in decode(path, container, stream, limit):
                pictures.append(frame.to_ndarray(format="rgb24"))
        except VideoError as error:
            return pictures, str(error)
    return pictures, ""


@pytest.fixture
def noisy(tools, tmp_path):
    """40 frames that compress badly, so that a cut goes through them; for each suffix."""

    def make(name, **options):
        images = list(RNG.integers(0, 256, (40, 48, 64, 3), dtype=np.uint8))
        return tools.write_plain(tmp_path / name, images, audio=None, options=options)

    return make


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_every_frame_comes_as_ffmpeg_decodes_it(tools, noisy, name):
    path = noisy(name)
    pictures, problem = frames_of(path)
    assert not problem and len(pictures) == 40
    oracle = tools.ffmpeg_frames(path, 64, 48).astype(int)
    assert np.abs(np.stack(pictures) - oracle).mean() < 2


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.mp4"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_cut_off_file_gives_its_beginning_and_is_told(tools, noisy, tmp_path, name, share):
    whole, path = noisy(f"whole-{name}"), tmp_path / name
    tools.ffmpeg("-i", whole, "-c", "copy", "-movflags", "faststart", path)
    expected, _ = frames_of(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    pictures, problem = frames_of(path)
    assert "cut off or damaged" in problem and str(path) in problem
    same = [np.array_equal(a, b) for a, b in zip(pictures, expected, strict=False)]
    assert 40 * share / 2 < sum(same) < 40


def test_a_broken_middle_is_told_at_the_end_only(noisy):
    path = noisy("a.mp4", g="5")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = RNG.bytes(3000)
    path.write_bytes(data)
    pictures, problem = frames_of(path)
    assert len(pictures) > 20 and "damaged" in problem


def test_a_file_that_ends_short_of_what_it_claims_is_cut_off(tools, noisy, tmp_path):
    """Matroska's index promises no packets, its header a duration."""
    path = noisy("a.mkv")
    tools.ffmpeg("-i", path, "-c", "copy", tmp_path / "claims.mkv")
    data = (tmp_path / "claims.mkv").read_bytes()
    assert b"00:00:01.6" in data
    (tmp_path / "claims.mkv").write_bytes(data.replace(b"00:00:01.6", b"00:00:09.6"))
    pictures, problem = frames_of(tmp_path / "claims.mkv")
    assert len(pictures) == 40 and "cut off" in problem


def test_a_duration_that_is_no_time_is_damage(tools, noisy, tmp_path):
    tools.ffmpeg("-i", noisy("a.mkv"), "-c", "copy", tmp_path / "odd.mkv")
    data = (tmp_path / "odd.mkv").read_bytes()
    assert b"00:00:01.6" in data
    (tmp_path / "odd.mkv").write_bytes(data.replace(b"00:00:01.6", b"00-00-01.6"))
    assert "damaged" in frames_of(tmp_path / "odd.mkv")[1]


def test_work_that_takes_too_long_is_stopped(noisy):
    path, limit = noisy("a.mp4"), WorkLimit(60.0)
    with opened(path, limit) as (container, stream):
        limit._end = time.monotonic() - 1
        with pytest.raises(VideoError, match="takes more than 60 seconds"):
            next(decode(path, container, stream, limit))


def test_the_time_of_who_reads_the_frames_does_not_count(noisy):
    path, limit = noisy("a.mp4"), WorkLimit(1.0)
    with opened(path, limit) as (container, stream):
        frames = decode(path, container, stream, limit)
        next(frames)
        time.sleep(1.2)
        assert len(list(frames)) == 39


def test_more_packets_than_bytes_is_a_circle(noisy, monkeypatch):
    path = noisy("a.mp4")
    monkeypatch.setattr(decoding, "_MORE", 10 - path.stat().st_size)
    pictures, problem = frames_of(path)
    assert len(pictures) <= 11 and "claims more frames than it has bytes" in problem


def test_frames_that_turn_out_too_large_are_refused(noisy, monkeypatch):
    path, limit = noisy("a.mp4"), WorkLimit(None)
    with opened(path, limit) as (container, stream):
        monkeypatch.setattr(opening, "FRAME_PIXEL_LIMIT", 64 * 48 - 1)
        with pytest.raises(VideoError, match="64 x 48 pixels"):
            next(decode(path, container, stream, limit))
