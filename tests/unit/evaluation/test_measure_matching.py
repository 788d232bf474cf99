from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.measure_matching import check_sizes, matching_of, pairs
from facsimile.evaluation.measure_source import Source
from facsimile.media.video import Frame, VideoError


class Clip(Source):
    """Frames that come from no file: each shows the hundredth of a second at which it is shown."""

    def read(self, notes):
        height, width = self.height, self.width
        for index in range(self.frames):
            time = float(index / self.rate)
            image = np.full((height, width, 3), min(255, round(100 * time)), np.uint8)
            yield Frame(index, time, image)


def clip(rate, frames, width=16, height=12):
    return Clip(Path(f"{rate}.mp4"), Fraction(rate), width, height, frames, {})


def matched(reference, distorted, match="auto", resize="none"):
    matching = matching_of(reference, distorted, match)
    found = [
        (pair.reference.index, pair.distorted.index)
        for pair in pairs("a", (reference, distorted), matching, resize)
    ]
    return found, matching


def test_of_one_rate_frames_of_one_number_belong_together():
    found, matching = matched(clip(25, 4), clip(25, 6))
    assert found == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert matching.by == "number" and matching.left == {"reference": 0, "distorted": 2}
    assert matched(clip(25, 6), clip(25, 4))[1].left == {"reference": 2, "distorted": 0}


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_rates_every_frame_of_the_slower_has_the_nearest_of_the_faster(swapped):
    clips = [clip(25, 5), clip(50, 20)]
    found, matching = matched(*(reversed(clips) if swapped else clips))
    assert [one[::-1] if swapped else one for one in found] == [(i, 2 * i) for i in range(5)]
    fast = "reference" if swapped else "distorted"
    assert matching.by == "time" and matching.skipped == 4
    assert matching.left == {"reference": 0, "distorted": 0} | {fast: 11}


def test_rates_that_do_not_divide():
    found, matching = matched(clip(24, 48), clip(30, 60))
    expected = [(i, min(range(60), key=lambda k, i=i: abs(k / 30 - i / 24))) for i in range(48)]
    assert found == expected
    assert matching.largest_gap == pytest.approx(1 / 60, abs=1e-9)
    assert matching.skipped + len(found) + matching.left["distorted"] == 60


def test_what_is_shown_after_the_other_has_ended_has_no_partner():
    found, matching = matched(clip(10, 30), clip(20, 20))
    assert len(found) == 10 and found[-1] == (9, 18)
    assert matching.left == {"reference": 20, "distorted": 1} and matching.skipped == 9


def test_ntsc_is_another_rate_and_the_choice_wins():
    ntsc = clip(Fraction(30000, 1001), 3)
    assert matched(clip(30, 3), ntsc)[1].by == "time"
    assert matched(clip(30, 3), ntsc, "number")[1].by == "number"
    assert matched(clip(25, 3), clip(25, 3), "time")[0] == [(0, 0), (1, 1), (2, 2)]


def test_sizes_that_differ_are_refused_or_made_one():
    large, small = clip(25, 2, 32, 24), clip(25, 2)
    with pytest.raises(UserError, match=r"32x24.*16x12.*measure.resize"):
        check_sizes(large, small, "none")
    with pytest.raises(UserError, match="measure.resize"):
        matched(large, small)
    for resize in ("area", "bicubic"):
        check_sizes(large, small, resize)
        matching = matching_of(large, small, "auto")
        for pair in pairs("a", (large, small), matching, resize):
            assert [image.shape for image in pair.images] == [(24, 32, 3), (24, 32, 3)]


def test_a_picture_is_not_measured_against_a_video():
    picture = Source(Path("a.png"), None, 16, 12, 1, {})
    with pytest.raises(UserError, match="picture"):
        matching_of(picture, clip(25, 2), "auto")


def test_a_video_that_breaks_off_is_measured_up_to_there(monkeypatch):
    def broken(path):
        yield from (Frame(i, i / 25, np.zeros((12, 16, 3), np.uint8)) for i in range(3))
        raise VideoError(f"cannot read all of {path}: it is cut off")

    monkeypatch.setattr("facsimile.evaluation.measure_source.read_frames", broken)
    damaged = Source(Path("b.mp4"), Fraction(25), 16, 12, 9, {})
    found, matching = matched(clip(25, 9), damaged)
    assert len(found) == 3 and matching.left["reference"] == 6
    assert "cut off" in matching.notes[0] and "3 frames" in matching.notes[0]
