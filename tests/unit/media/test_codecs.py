import re
import subprocess
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np
import pytest

from facsimile.media.codecs import BT709, Colours
from facsimile.media.video import VideoWriter, probe, read_frames

BT601 = Colours(6, 6, 6, False)
CASES = [
    BT709,
    BT601,
    Colours(5, 6, 5, True),
    Colours(9, 16, 9, False),  # BT.2020 with PQ
    Colours(),  # nothing said
    Colours(1, 13, 1, True),  # sRGB
]


def write(path, frames, **options):
    height, width = frames[0].shape[:2]
    with VideoWriter(path, width, height, Fraction(25), **options) as writer:
        for image in frames:
            writer.write(image)
    return path


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("colours", CASES)
def test_colour_properties_are_told_and_true(tools, tmp_path, codec, colours):
    frames = tools.smooth_frames(3, 64, 48)
    path = write(tmp_path / "a.mp4", frames, codec=codec, crf=4, colours=colours)
    told = probe(path).colours
    assert (told.primaries, told.transfer, told.matrix) == (
        colours.primaries,
        colours.transfer,
        colours.matrix,
    )
    assert bool(told.full) == bool(colours.full)
    for images in (tools.ffmpeg_frames(path, 64, 48), [f.image for f in read_frames(path)]):
        difference = np.stack(images).astype(int) - np.stack(frames)
        assert np.abs(difference).mean() < 2
        assert np.abs(difference.mean((0, 1, 2))).max() < 1.6


@pytest.mark.parametrize(
    ("colours", "words"),
    [
        (BT709, "tv, bt709"),
        (BT601, "tv, smpte170m"),
        (Colours(9, 16, 9, False), "tv, bt2020nc/bt2020/smpte2084"),
        (Colours(5, 6, 5, True), "pc, bt470bg/bt470bg/smpte170m"),
    ],
)
def test_another_program_reads_the_same_properties(tools, tmp_path, colours, words):
    path = write(tmp_path / "a.mp4", tools.smooth_frames(2, 64, 48), colours=colours)
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    printed = subprocess.run([ffmpeg, "-i", str(path)], capture_output=True, text=True).stderr
    assert words in re.search(r"Video: .*", printed)[0]


def test_the_wrong_matrix_would_show(tools, tmp_path):
    """That the colours above agree means something."""
    frames = tools.smooth_frames(3, 64, 48)
    path = write(tmp_path / "a.mp4", frames, crf=4, colours=BT601)
    with av.open(str(path)) as container:
        wrong = [
            frame.reformat(format="rgb24", src_colorspace="itu709", dst_colorspace="itu709")
            for frame in container.decode(video=0)
        ]
    difference = np.stack([f.to_ndarray() for f in wrong]).astype(int) - np.stack(frames)
    assert np.abs(difference).mean() > 3


def test_a_matrix_that_nothing_writes_becomes_bt709(tools, tmp_path):
    frames = tools.smooth_frames(3, 64, 48)
    path = write(tmp_path / "a.mp4", frames, crf=4, colours=Colours(1, 1, 0, False))
    assert probe(path).colours.matrix == 1
    assert np.abs(tools.ffmpeg_frames(path, 64, 48).astype(int) - np.stack(frames)).mean() < 2


def test_ffv1_in_an_mp4_is_lossless_and_keeps_the_tags(tools, tmp_path):
    frames = list(np.random.default_rng(0).integers(0, 256, (4, 48, 64, 3), np.uint8))
    path = write(tmp_path / "a.mp4", frames, codec="ffv1", colours=Colours(9, 16, 9, False))
    np.testing.assert_array_equal(np.stack([f.image for f in read_frames(path)]), np.stack(frames))
    np.testing.assert_array_equal(tools.ffmpeg_frames(path, 64, 48), np.stack(frames))
    told = probe(path).colours
    assert (told.primaries, told.transfer) == (9, 16)


def test_hevc_carries_the_name_that_players_know_and_is_the_same_each_time(tools, tmp_path):
    frames = tools.smooth_frames(20, 64, 48)
    one, other = (write(tmp_path / f"{n}.mp4", frames, codec="hevc") for n in "ab")
    assert one.read_bytes() == other.read_bytes()
    with av.open(str(one)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_tag) == ("hevc", "hvc1")
        assert stream.codec_context.pix_fmt == "yuv420p"
