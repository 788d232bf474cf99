import shutil
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from facsimile.filters.colour.none import unchanged
from facsimile.inference.swap import StillSwapper
from facsimile.media.image import read_image
from facsimile.media.progress import FrameProgress
from facsimile.media.video import probe, read_frames
from facsimile.rendering.direction import Direction
from facsimile.rendering.look import Look
from facsimile.rendering.people import Publication
from facsimile.rendering.render import Renderer
from facsimile.rendering.segment import Segment
from facsimile.rendering.track import NoFace

FILES = {
    "lossless/a_to_b.parquet",
    "lossless/a_to_b.mkv",
    "lossless/still_a_to_b.mkv",
    "signed/a_to_b.mp4",
    "signed/side_by_side_a_to_b.mp4",
    "signed/preview_a_to_b.png",
}


def painter(level: int) -> Renderer:
    face = np.full((128, 128, 3), level, np.uint8)
    return Renderer(StillSwapper(face), 128, 1.6, Look(colour=unchanged), batch_size=5)


@pytest.fixture
def direction(make_clip, mark_detector) -> Direction:
    clip = make_clip(count=14, without=(4, 5))
    return Direction(
        "a_to_b",
        Segment(clip, 2, 13),
        mark_detector,
        painter(250),
        painter(5),
        Publication(shutil.copyfile, crf=20),
    )


def make(direction: Direction, folder) -> set[str]:
    with FrameProgress() as progress:
        direction.make(folder, progress)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_makes_every_file_frame_by_frame(direction, tmp_path):
    folder = tmp_path / "out"
    assert make(direction, folder) == FILES
    targets = list(direction.segment.frames())
    for name, level in (("a_to_b", 250), ("still_a_to_b", 5)):
        path = folder / "lossless" / f"{name}.mkv"
        info = probe(path)
        assert (info.width, info.height, info.frame_rate) == (96, 64, Fraction(30000, 1001))
        for target, result in zip(targets, read_frames(path), strict=True):
            if target.index in (4, 5):
                np.testing.assert_array_equal(result.image, target.image)
            else:
                assert result.image[30, 40 + target.index].tolist() == [level] * 3
                np.testing.assert_array_equal(result.image[:, -15:], target.image[:, -15:])


def test_what_people_see_has_as_many_frames(direction, tmp_path):
    make(direction, tmp_path / "out")
    signed = tmp_path / "out" / "signed"
    clip, pair = probe(signed / "a_to_b.mp4"), probe(signed / "side_by_side_a_to_b.mp4")
    assert (clip.frames, clip.width) == (11, 96)
    assert (pair.frames, pair.width) == (11, 192)
    assert read_image(signed / "preview_a_to_b.png").shape == (2 * 68, 8 * 100, 3)


def test_two_runs_give_the_same_bytes(direction, tmp_path):
    for folder in ("one", "two"):
        make(direction, tmp_path / folder)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_goes_on_where_it_was_stopped(direction, tmp_path):
    folder = tmp_path / "out"
    make(direction, folder)
    finished = {name: (folder / name).stat().st_mtime_ns for name in FILES}
    (folder / "lossless/still_a_to_b.mkv").unlink()
    (folder / "signed/preview_a_to_b.png").unlink()
    assert make(direction, folder) == FILES
    redone = {name for name in FILES if (folder / name).stat().st_mtime_ns != finished[name]}
    assert redone == {"lossless/still_a_to_b.mkv", "signed/preview_a_to_b.png"}


def test_a_failure_leaves_no_broken_file(direction, tmp_path):
    def refuse(source, target):
        raise OSError("no key")

    broken = Direction(**{**vars(direction), "publication": Publication(refuse)})
    with pytest.raises(OSError, match="no key"):
        make(broken, tmp_path / "out")
    left = {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert left == {"a_to_b.parquet", "a_to_b.mkv", "still_a_to_b.mkv"}


def test_a_clip_without_a_face_is_refused(direction, make_clip, mark_detector, tmp_path):
    nobody = replace(direction, segment=Segment(make_clip(count=14, without=range(14)), 2, 13))
    with pytest.raises(NoFace, match="no face .* 11 frames"):
        make(nobody, tmp_path / "out")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
