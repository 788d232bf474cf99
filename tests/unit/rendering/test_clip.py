import shutil
from fractions import Fraction

import numpy as np
import pytest

from facsimile.filters.colour.none import unchanged
from facsimile.inference.swap import StillSwapper
from facsimile.media.image import read_image
from facsimile.media.progress import FrameProgress
from facsimile.media.video import Frame, probe, read_frames
from facsimile.rendering.choice import largest
from facsimile.rendering.clip import Tally, render_clip
from facsimile.rendering.label import Label
from facsimile.rendering.look import Look
from facsimile.rendering.people import Publication
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import NoFace, Tracked


def render(clip, detector, path, preview=None, label=None, choose=largest):
    white = Renderer(
        StillSwapper(np.full((128, 128, 3), 255, np.uint8)), 128, 1.6, Look(colour=unchanged)
    )
    with FrameProgress() as progress:
        return render_clip(
            Segment(clip),
            detector,
            choose,
            white,
            Publication(shutil.copyfile, crf=10, label=label),
            path,
            preview,
            progress,
        )


def test_renders_and_counts(make_clip, mark_detector, tmp_path):
    path, preview = tmp_path / "out" / "b.mp4", tmp_path / "seen" / "b.png"
    tally = render(make_clip(count=10, without=(7,)), mark_detector, path, preview)
    assert (tally.frames, tally.faces, tally.others) == (10, 9, 0)
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


def test_frames_in_which_a_face_is_left_alone_pass_and_are_counted(
    make_clip, mark_detector, tmp_path
):
    clip, path = make_clip(count=6, without=(0,)), tmp_path / "b.mp4"

    def first_half(image, faces):
        return faces if image[0, 0, 0] < 43 else []

    tally = render(clip, mark_detector, path, choose=first_half)
    assert (tally.frames, tally.faces, tally.others) == (6, 2, 3)
    seen = [frame.image[30, 40 + at] for at, frame in enumerate(read_frames(path))]
    assert [pixel.min() > 240 for pixel in seen] == [False, True, True, False, False, False]


def test_a_preview_that_fails_leaves_the_clip(make_clip, mark_detector, tmp_path):
    path, folder = tmp_path / "out" / "b.mp4", tmp_path / "a file"
    folder.write_bytes(b"")
    with pytest.raises(FileExistsError):
        render(make_clip(count=3), mark_detector, path, folder / "b.png")
    assert probe(path).frames == 3


def test_without_a_preview_only_the_clip_is_written(make_clip, mark_detector, tmp_path):
    path = tmp_path / "out" / "b.mp4"
    render(make_clip(count=3, without=(0, 1)), mark_detector, path)
    assert [one.name for one in path.parent.iterdir()] == ["b.mp4"]
    assert probe(path).frames == 3


def test_a_label_is_in_every_frame_whether_it_has_a_face_or_not(make_clip, mark_detector, tmp_path):
    clip, plain, labelled = make_clip(count=6, without=(4,)), tmp_path / "a.mp4", tmp_path / "b.mp4"
    render(clip, mark_detector, plain)
    render(clip, mark_detector, labelled, label=Label("AI-generated"))
    for before, after in zip(read_frames(plain), read_frames(labelled), strict=True):
        differs = np.abs(before.image.astype(int) - after.image).max(-1) > 40
        assert differs[-12:, 10:].mean() > 0.3
        assert differs[:-20].mean() < 0.02


def test_the_speed_is_told_against_the_clips_own(make_clip, mark_detector, tmp_path):
    tally = render(make_clip(count=10), mark_detector, tmp_path / "b.mp4")
    assert tally.rate == Fraction(30000, 1001)
    assert tally.speed == tally.frames / tally.seconds > 0
    assert tally.real_time == pytest.approx(tally.speed * 1001 / 30000)
    assert not tally.uneven


def test_an_uneven_frame_rate_is_noticed():
    image = np.zeros((4, 4, 3), np.uint8)

    def counted(times):
        tally = Tally(Fraction(25))
        assert len(list(tally.count(Tracked(Frame(i, t, image)) for i, t in enumerate(times)))) == 3
        return tally

    assert not counted([5.0, 5.039, 5.081]).uneven  # a container's milliseconds
    late = counted([0.0, 0.04, 0.3])
    assert late.uneven
    assert late.drift == pytest.approx(0.22)


def test_a_clip_without_a_face_is_refused_and_nothing_is_written(
    make_clip, mark_detector, tmp_path
):
    path, clip = tmp_path / "out" / "b.mp4", make_clip(count=3, without=(0, 1, 2))
    with pytest.raises(NoFace, match=f"{clip.name}: no face .* 3 frames.*detector="):
        render(clip, mark_detector, path, tmp_path / "b.png")
    assert not list(path.parent.iterdir()) and not (tmp_path / "b.png").exists()
