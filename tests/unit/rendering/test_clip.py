import shutil

import numpy as np
import pytest

from facsimile.inference.swap import StillSwapper
from facsimile.media.image import read_image
from facsimile.media.progress import FrameProgress
from facsimile.media.video import probe, read_frames
from facsimile.rendering.clip import render_clip
from facsimile.rendering.composite import Look
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment


def render(clip, detector, path, preview=None):
    white = Renderer(
        StillSwapper(np.full((128, 128, 3), 255, np.uint8)), 128, 1.6, Look("tight", "none")
    )
    with FrameProgress() as progress:
        return render_clip(
            Segment(clip), detector, white, 10, shutil.copyfile, path, preview, progress
        )


def test_renders_and_counts(make_clip, mark_detector, tmp_path):
    path, preview = tmp_path / "out" / "b.mp4", tmp_path / "seen" / "b.png"
    tally = render(make_clip(count=10, without=(7,)), mark_detector, path, preview)
    assert (tally.frames, tally.faces) == (10, 9)
    frames = [frame.image for frame in read_frames(path)]
    assert len(frames) == 10
    assert frames[3][30, 43].min() > 240
    assert frames[7][30, 47].min() < 230
    assert read_image(preview).shape == (2 * 68, 8 * 100, 3)
    assert {one.name for one in tmp_path.rglob("*") if one.is_file()} == {
        "clip.mkv",
        "b.mp4",
        "b.png",
    }


def test_a_preview_that_fails_leaves_the_clip(make_clip, mark_detector, tmp_path):
    path, folder = tmp_path / "out" / "b.mp4", tmp_path / "a file"
    folder.write_bytes(b"")
    with pytest.raises(FileExistsError):
        render(make_clip(count=3), mark_detector, path, folder / "b.png")
    assert probe(path).frames == 3


def test_without_a_preview_only_the_clip_is_written(make_clip, mark_detector, tmp_path):
    path = tmp_path / "out" / "b.mp4"
    render(make_clip(count=3, without=(0, 1, 2)), mark_detector, path)
    assert [one.name for one in path.parent.iterdir()] == ["b.mp4"]
    assert probe(path).frames == 3
