from fractions import Fraction
from itertools import islice, pairwise

import cv2
import numpy as np
import pytest

from facsimile.data.stress_cuts import Camera, Cuts, Shot, Source, edited, framed
from facsimile.media.video import VideoWriter


@pytest.fixture
def film(tmp_path):
    """Writes a clip whose frames' grey levels are their numbers, on a channel of its own."""

    def write(name, channel, count, rate, size=(40, 30)):
        path = tmp_path / f"{name}.mkv"
        with VideoWriter(path, *size, Fraction(rate), codec="ffv1") as writer:
            for number in range(count):
                image = np.zeros((size[1], size[0], 3), np.uint8)
                image[..., channel] = number + 1
                writer.write(image)
        return Source(name, f"{name}_person", path)

    return write


def shots(cuts, sources, count, seed=0):
    return list(islice(cuts.shots(sources, np.random.default_rng(seed)), count))


@pytest.mark.parametrize("sources", [1, 2, 4])
def test_shots_last_as_long_as_they_may_and_never_repeat_a_clip(sources):
    made = shots(Cuts((0.3, 1.2)), sources, 400)
    lengths = np.diff([0.0, *(shot.end for shot in made)])
    assert 0.3 <= lengths.min() < 0.35 < 1.15 < lengths.max() <= 1.2
    assert made[0].source == 0
    assert {shot.source for shot in made} == set(range(sources))
    for shot, following in pairwise(made):
        assert (shot.source, shot.zoom) != (following.source, following.zoom)
        assert sources == 1 or shot.source != following.source


def test_a_cut_goes_back_to_the_clip_as_often_as_it_says():
    made = shots(Cuts(1.0, own=0.7), 4, 3000)
    back = [following.source == 0 for shot, following in pairwise(made) if shot.source != 0]
    assert np.mean(back) == pytest.approx(0.7, abs=0.03)


def test_a_camera_runs_on_and_begins_anew(film):
    camera = Camera(film("other", 1, 10, 5))
    seen = [(time, camera.at(time).index) for time in np.arange(0, 5, 0.04)]
    for time, index in seen:
        assert index == int(time * 5 + 1e-6) % 10


def test_frames_of_a_stretch_keep_their_numbers(film):
    source = film("other", 1, 10, 5)
    camera = Camera(Source("other", "who", source.path, 4, 7))
    assert [camera.at(second / 5).index for second in range(7)] == [4, 5, 6, 4, 5, 6, 4]


def test_an_edit_has_the_time_of_its_first_clip_and_tells_what_it_shows(film):
    own, other = film("own", 0, 75, 25), film("other", 1, 20, 10, (60, 30))
    frames = list(edited([own, other], Cuts((0.2, 0.5)), np.random.default_rng(1)))
    assert [round(time * 25) for time, *_ in frames] == list(range(75))
    assert {source.clip for _, source, *_ in frames} == {"own", "other"}
    for number, (time, source, frame, picture, box) in enumerate(frames):
        is_own = source is own
        wanted = number if is_own else int(time * 10 + 1e-6) % 20
        assert frame.index == wanted
        assert picture.shape == (30, 40, 3)
        assert (picture[..., 0 if is_own else 1] == wanted + 1).all()
        assert (picture[..., 1 if is_own else 0] == 0).all()
        assert box[0] + box[2] <= (40 if is_own else 60)


def test_a_frame_that_fits_is_itself():
    image = np.zeros((30, 40, 3), np.uint8)
    picture, box = framed(image, (40, 30), Shot(1.0, 0))
    assert picture is image
    assert box == (0, 0, 40, 30)


@pytest.mark.parametrize("size", [(40, 30), (30, 40), (64, 36), (200, 100)])
@pytest.mark.parametrize("zoom", [1.0, 1.7])
def test_a_part_fills_the_frame_undistorted(size, zoom):
    image = np.zeros((90, 120, 3), np.uint8)
    cv2.circle(image, (60, 45), 12, (255, 255, 255), -1)
    picture, (x, y, w, h) = framed(image, size, Shot(1.0, 0, zoom))
    assert picture.shape == (size[1], size[0], 3)
    assert w / h == pytest.approx(size[0] / size[1], rel=0.06)
    assert zoom == pytest.approx(min(120 / w, 90 / h), rel=0.06)
    assert 0 <= x <= 120 - w
    assert 0 <= y <= 90 - h
    rows, columns = np.nonzero(picture[..., 0] > 127)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=0.08 * np.ptp(rows) + 1.5)


def test_impossible_cuts_are_refused():
    for settings in ({"shot": 0.0}, {"shot": 1.0, "own": 2.0}, {"shot": 1.0, "zoom": 0.5}):
        with pytest.raises(ValueError, match="must be a number or a range"):
            Cuts(**settings)
