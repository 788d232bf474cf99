from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from facsimile.data.records import Clip
from facsimile.data.sighting import Shot, claimed_frames, followed, relative, shots
from facsimile.faces.detect import DetectorPool, Face
from facsimile.media.image import write_image
from facsimile.media.video import Frame, VideoInfo, VideoWriter

POINTS = np.array([[30, 25], [52, 25], [41, 38], [32, 48], [50, 48]], np.float32)
FACE = Face((20.0, 10.0, 40.0, 50.0), POINTS, 0.75)


def grey(shade):
    return np.full((48, 64, 3), shade, np.uint8)


@pytest.fixture
def video(tmp_path):
    """20 frames, each of its own shade."""
    with VideoWriter(tmp_path / "sub/v.mkv", 64, 48, Fraction(25), codec="ffv1") as writer:
        for k in range(20):
            writer.write(grey(10 * k))
    return Clip(tmp_path / "sub/v.mkv", "set", "v", "", "video")


def seen(parts, root, frames=None):
    return list(shots(parts, root, frames, None))


def test_every_frame_of_a_video_has_a_name_of_its_own(video, tmp_path):
    found = seen([video], tmp_path)
    assert [shot.path for shot in found] == [f"sub/v.mkv#{k:06d}" for k in range(20)]
    assert [int(shot.frame.image.mean()) for shot in found] == [10 * k for k in range(20)]
    assert {shot.problem for shot in found} == {""} and {shot.clip.clip for shot in found} == {"v"}


@pytest.mark.parametrize(
    ("wanted", "places"),
    [(1, [0]), (2, [0, 19]), (3, [0, 10, 19]), (5, [0, 5, 10, 14, 19]), (50, list(range(20)))],
)
def test_wanted_frames_are_spread_from_the_first_to_the_last(video, tmp_path, wanted, places):
    found = [shot.frame.index for shot in seen([video], tmp_path, wanted)]
    assert found == pytest.approx(places, abs=1) and len(found) == len(places)
    assert found[0] == 0 and found[-1] == places[-1]


def test_stills_of_a_clip_are_told_by_their_numbers(tmp_path):
    stills = []
    for k in (3, 5):
        write_image(tmp_path / f"{k}.png", grey(k))
        stills.append(Clip(tmp_path / f"{k}.png", "set", "s", "", "image", frame=k))
    found = seen(stills, tmp_path, frames=1)  # frames are those of videos
    assert [(shot.path, shot.frame.index) for shot in found] == [("3.png", 3), ("5.png", 5)]
    assert [shot.frame.image[0, 0, 0] for shot in found] == [3, 5]


def test_a_still_that_fails_does_not_stop_the_next(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    write_image(tmp_path / "good.png", grey(7))
    stills = [Clip(tmp_path / f"{n}.png", "set", "s", "", "image") for n in ("bad", "good")]
    bad, good = seen(stills, tmp_path)
    assert (bad.path, good.path) == ("bad.png", "good.png")
    assert (
        "bad.png" in bad.problem and str(tmp_path) not in bad.problem and not bad.frame.image.size
    )
    assert not good.problem and good.frame.image.shape == (48, 64, 3)


def test_a_cut_off_video_gives_its_frames_then_one_shot_with_the_reason(video, tmp_path):
    data = video.path.read_bytes()
    video.path.write_bytes(data[: len(data) // 2])
    *good, last = seen([video], tmp_path)
    assert good and {shot.problem for shot in good} <= {"", "the frame is damaged"}
    assert last.path == "sub/v.mkv" and "cut off" in last.problem
    assert str(tmp_path) not in last.problem and last.frame.index == -1


def test_a_file_that_is_not_there_is_one_shot(tmp_path):
    [only] = seen([Clip(tmp_path / "gone.mp4", "set", "g", "", "video")], tmp_path, 3)
    assert only.path == "gone.mp4" and only.problem and str(tmp_path) not in only.problem


@pytest.mark.parametrize(
    ("frames", "duration", "claimed"),
    [(300, 10.0, 300), (0, 2.0, 50), (None, 2.0, 50), (None, None, None), (0, 0.0, None)],
)
def test_how_many_frames_a_video_claims(frames, duration, claimed):
    info = VideoInfo(
        width=64, height=48, frame_rate=Fraction(25), frames=frames, duration=duration,
        has_audio=False, rotation=0,
    )  # fmt: skip
    assert claimed_frames(info) == claimed


def test_a_path_outside_the_root_is_told_by_its_name(tmp_path):
    assert relative(tmp_path / "a/b.mp4", tmp_path) == "a/b.mp4"
    assert relative(tmp_path / "a/b.mp4", tmp_path / "c") == "b.mp4"


class Detector:
    """Finds what it is told to everywhere, and keeps in mind which frames it was shown."""

    def __init__(self, faces):
        self.faces, self.shown = faces, []

    def __call__(self, image):
        self.shown.append(int(image[0, 0, 0]))
        return self.faces


def scene(number, damaged=(), still=True):
    """Frames of noise that tell their number; the same noise, or of each frame its own."""
    clip = Clip(Path("c.mp4"), "set", "c", "", "video")
    for k in range(number):
        rng = np.random.default_rng(0 if still else k)
        image = rng.integers(60, 200, (72, 96, 3), dtype=np.uint8)
        image[0, 0] = k
        problem = "the frame is damaged" if k in damaged else ""
        yield Shot(clip, Frame(k, k / 25, image), f"c.mp4#{k}", problem)


def sightings(detector, every, *given, **options):
    found = list(followed(scene(*given, **options), [DetectorPool([detector])], every))
    assert [one.shot.frame.index for one in found] == list(range(*given[:1]))
    return found


@pytest.mark.parametrize(("number", "every"), [(10, 3), (7, 3), (9, 4), (5, 5), (4, 1)])
def test_only_every_so_many_th_frame_is_detected_in(number, every):
    detector = Detector([FACE])
    found = sightings(detector, every, number)
    assert detector.shown == list(range(0, number, every))
    behind = (number - 1) // every * every  # nothing is known after the last detection
    assert [one.faces is None for one in found] == [k > behind for k in range(number)]


def test_what_stands_still_is_followed_to_where_it_is():
    for one in sightings(Detector([FACE]), 5, 11):
        [face] = one.faces
        assert face.landmarks == pytest.approx(POINTS, abs=0.5)
        assert face.bbox == pytest.approx(FACE.bbox, abs=1) and face.score == pytest.approx(0.75)


def test_nobody_there_is_known_without_looking():
    assert [one.faces for one in sightings(Detector([]), 3, 7)] == [[]] * 7


class Glimpse(Detector):
    """Finds a face in the first frame only."""

    def __call__(self, image):
        return self.faces if super().__call__(image) and image[0, 0, 0] == 0 else []


def test_where_a_face_is_lost_nothing_is_known():
    found = sightings(Glimpse([FACE]), 4, 5, still=False)
    assert found[0].faces == [FACE] and found[4].faces == []
    assert None in [one.faces for one in found[1:4]]


@pytest.mark.parametrize("damaged", [4, 5, 6])
def test_a_damaged_frame_leaves_its_surroundings_to_the_caller(damaged):
    detector = Detector([FACE])
    found = sightings(detector, 3, 10, damaged=[damaged])
    known = [one.faces is not None for one in found]
    assert damaged not in detector.shown
    # between two detections of which one is damaged nothing can be followed
    assert not any(known[4:6]) and all(known[0:4]) and known[9]
    assert known[7] == known[8] == (damaged != 6)


def test_frames_are_drawn_as_they_are_asked_for():
    drawn = count()

    def endless():
        for shot in scene(10**6):
            next(drawn)
            yield shot

    for _ in zip(range(20), followed(endless(), [DetectorPool([Detector([])])], 2), strict=False):
        pass
    assert next(drawn) < 100


def test_several_detectors_give_what_one_gives():
    pools = ([DetectorPool([Detector([FACE])]) for _ in range(number)] for number in (1, 3))
    alone, together = ([one.faces for one in followed(scene(13), pool, 3)] for pool in pools)
    for one, other in zip(alone, together, strict=True):
        [face], [same] = one, other
        assert np.array_equal(face.landmarks, same.landmarks) and face.bbox == same.bbox


def test_what_a_detector_raises_reaches_the_caller():
    class Broken(Detector):
        def __call__(self, image):
            raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        sightings(Broken([]), 2, 5)
