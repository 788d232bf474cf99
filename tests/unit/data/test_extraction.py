import threading
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from facsimile.data.extraction import Extraction
from facsimile.data.fitting import Fitting
from facsimile.data.records import FACES, Annotation, Clip
from facsimile.faces.detect import Face
from facsimile.faces.quality import pose
from facsimile.media.image import write_image
from facsimile.media.video import VideoWriter

POINTS = np.array([[30, 25], [52, 25], [41, 38], [32, 48], [50, 48]], np.float32)


class Blue:
    """Finds a face in every picture that is mostly blue."""

    def __call__(self, image):
        if image[..., 2].mean() < 150:
            return []
        return [Face((20.0, 10.0, 40.0, 50.0), POINTS, 0.75)]


def picture(shade, blue=True):
    image = np.full((72, 96, 3), shade, np.uint8)
    image[..., 2] = 220 if blue else 0
    return cv2.circle(image, (41, 38), 9, (200, 60, 220 * blue), -1)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clips" / "grün.mkv"
    with VideoWriter(path, 96, 72, Fraction(25), codec="ffv1") as writer:
        for k in range(40):
            writer.write(picture(3 * k, blue=k % 4 != 3))
    return Clip(path, "set", "grün", "anna", "video", label=1)


def looks(parts, tmp_path, threads=2, **options):
    extraction = Extraction([Blue() for _ in range(threads)], 32, 1.6, **options)
    return list(extraction.clip(parts, tmp_path))


def found(seen):
    return [one for look in seen for one in look.found]


def rows(seen):
    """Comparable: what was not measured is not equal to itself."""
    return [{k: v for k, v in one.row.items() if v == v} for one in found(seen)]


def rejected(seen):
    return [one for look in seen for one in look.rejected]


def test_a_look_at_every_frame_of_a_video(video, tmp_path):
    seen = looks([video], tmp_path)
    assert [look.frame for look in seen if look.found] == [k for k in range(40) if k % 4 != 3]
    assert [r.path for r in rejected(seen)] == [f"clips/grün.mkv#{k:06d}" for k in range(3, 40, 4)]
    assert {r.reason for r in rejected(seen)} == {"no face found"}
    one = found(seen)[1]
    assert {*one.row, "path", "track"} == set(FACES.names)
    assert one.name == "grün/000001.png"
    assert (one.row["time"], one.row["label"], one.row["face"]) == (0.04, 1, 0)
    assert (one.row["bbox_x"], one.row["bbox_h"], one.row["score"]) == (20, 50, 0.75)
    assert (one.row["width"], one.row["height"]) == (96, 72)
    assert one.row["landmarks"] == POINTS.ravel().tolist()
    assert (one.row["yaw"], one.row["pitch"], one.row["roll"]) == pose(POINTS)
    crop = decoded(one.picture)
    x, y = np.array(one.row["crop_landmarks"]).reshape(5, 2)[2].round().astype(int)
    assert crop.shape == (32, 32, 3) and np.abs(crop[y, x] - [200.0, 60, 220]).max() < 10


def decoded(picture):
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR_RGB)


def test_number_of_threads_changes_nothing(video, tmp_path):
    one, three = (looks([video], tmp_path, threads) for threads in (1, 3))
    assert rows(one) == rows(three)
    assert [x.picture for x in found(one)] == [x.picture for x in found(three)]
    assert rejected(one) == rejected(three)


class Two(Blue):
    """Finds a second, smaller face."""

    def __call__(self, image):
        faces = super().__call__(image)
        return faces + [Face((60.0, 5.0, 20.0, 25.0), POINTS / 2 + 40, 0.9) for _ in faces]


def test_all_faces_of_a_frame_are_kept(video, tmp_path):
    (first, *_) = Extraction([Two()], 32, 1.6).clip([video], tmp_path)
    assert [one.name for one in first.found] == ["grün/000000.png", "grün/000000-1.png"]
    assert [one.row["face"] for one in first.found] == [0, 1]
    assert [one.row["bbox_x"] for one in first.found] == [20, 60]


def test_ready_crops_are_kept(tmp_path):
    image = picture(90)
    write_image(tmp_path / "orl/s1/4.png", image)
    write_image(tmp_path / "orl/s1/5.png", picture(90, blue=False))
    (tmp_path / "orl/s1/6.png").write_bytes(b"")
    clips = [
        Clip(tmp_path / f"orl/s1/{k}.png", "set", "s1", "s1", "image", k, cropped=True)
        for k in (4, 5, 6, 7)
    ]
    seen = looks(clips, tmp_path)
    (one,) = found(seen)
    assert np.array_equal(decoded(one.picture), image)
    assert (one.row["frame"], one.row["time"]) == (4, 0)
    assert one.row["crop_landmarks"] == one.row["landmarks"]
    reasons = rejected(seen)
    assert [r.path for r in reasons] == ["orl/s1/5.png", "orl/s1/6.png", "orl/s1/7.png"]
    assert reasons[0].reason == "no face found"
    assert str(tmp_path) not in reasons[1].reason and "orl/s1/6.png" in reasons[1].reason


def test_a_cut_video_keeps_its_good_frames(video, tmp_path):
    whole = rows(looks([video], tmp_path))
    data = video.path.read_bytes()
    video.path.write_bytes(data[: int(len(data) * 0.7)])
    seen = looks([video], tmp_path)
    assert 15 < len(found(seen)) < len(whole)
    assert rows(seen) == whole[: len(found(seen))]
    last = rejected(seen)[-1]
    assert last.path == "clips/grün.mkv" and "cut off" in last.reason


def test_what_is_no_video_stops_nothing(video, tmp_path):
    (tmp_path / "text.mp4").write_text("text " * 1000)
    broken = Clip(tmp_path / "text.mp4", "set", "text", "text", "video")
    gone = Clip(Path("/elsewhere/gone.mp4"), "set", "gone", "gone", "video")
    seen = looks([broken, gone, video], tmp_path)
    reasons = rejected(seen)
    assert len(found(seen)) == 30 and [r.path for r in reasons[:2]] == ["text.mp4", "gone.mp4"]
    assert "/elsewhere" not in reasons[1].reason


def test_a_detector_that_fails_is_heard(video, tmp_path):
    class Failing:
        def __call__(self, image):
            raise MemoryError

    with pytest.raises(MemoryError):
        list(Extraction([Failing()], 32, 1.6).clip([video], tmp_path))


def test_evenly_spaced_frames_of_a_video(video, tmp_path):
    assert [look.frame for look in looks([video], tmp_path, frames=4)] == [0, 13, 26, 39]
    assert len(looks([video], tmp_path, frames=1000)) == 40


class Alone(Blue):
    """Notices when two threads use it at once."""

    def __init__(self):
        self.busy = threading.Lock()

    def __call__(self, image):
        assert self.busy.acquire(blocking=False), "two threads at once"
        try:
            time.sleep(0.002)
            return super().__call__(image)
        finally:
            self.busy.release()


@pytest.mark.parametrize("threads", [1, 2])
def test_following_and_looking_share_the_detectors(video, tmp_path, threads):
    # every fourth frame is without a face, so that many are lost and looked at again
    extraction = Extraction([Alone() for _ in range(threads)], 32, 1.6, every=3)
    seen = [list(extraction.clip([video], tmp_path)) for _ in range(2)]
    assert rows(seen[0]) == rows(seen[1])
    assert [look.frame for look in seen[0]] == list(range(40))


class BlueTogether(Blue):
    """The same, several at a time."""

    batch_size = 4

    def __init__(self):
        self.numbers = []

    def detect_batch(self, images):
        self.numbers.append(len(images))
        return [self(image) for image in images]


@pytest.mark.parametrize(("every", "numbers"), [(1, [4] * 10), (3, [4, 4, 4, 2])])
def test_a_detector_for_a_gpu_gets_several_frames_at_once(video, tmp_path, every, numbers):
    detector = BlueTogether()
    seen = list(Extraction([detector], 32, 1.6, every=every).clip([video], tmp_path))
    assert detector.numbers == numbers
    one_by_one = looks([video], tmp_path, every=every)
    assert rows(seen) == rows(one_by_one)
    assert rejected(seen) == rejected(one_by_one)


def test_faces_are_looked_for_where_nothing_is_known(video, tmp_path):
    plain = rows(looks([video], tmp_path))
    place = [Face((1.0, 2.0, 40.0, 50.0), POINTS + 3, 0.5)]
    assert rows(list(Extraction([Blue()], 32, 1.6).clip([video], tmp_path, {}))) == plain
    other = dict.fromkeys(range(40), ((144, 192), place))
    assert rows(list(Extraction([Blue()], 32, 1.6).clip([video], tmp_path, other))) == plain


class Blind:
    def __call__(self, image):
        raise AssertionError("nothing is to be looked for")


def test_known_faces_are_not_looked_for(video, tmp_path):
    known = dict.fromkeys(range(40), ((72, 96), [Face((1.0, 2.0, 40.0, 50.0), POINTS + 3, 0.5)]))
    seen = list(Extraction([Blind()], 32, 1.6).clip([video], tmp_path, known))
    assert {one.row["bbox_x"] for one in found(seen)} == {1} and len(found(seen)) == 40


def test_marked_faces_have_their_own_labels(tmp_path):
    write_image(tmp_path / "a.png", picture(90))
    marks = (Annotation((20.0, 10.0, 40.0, 50.0), 1), Annotation((60.0, 4.0, 20.0, 26.0), 0))
    clip = Clip(tmp_path / "a.png", "set", "a", "", "image", label=1, annotations=marks)
    (look,) = Extraction([Two()], 32, 1.6).clip([clip], tmp_path)
    assert [one.row["label"] for one in look.found] == [1, 0]
    assert not look.rejected


def test_pictures_are_fitted_before_faces_are_sought(tmp_path):
    seen = []

    class Noting(Blue):
        def __call__(self, image):
            seen.append(image.shape)
            return super().__call__(image)

    write_image(tmp_path / "a.png", picture(9))
    (tmp_path / "b.png").write_bytes(b"no picture")
    parts = [
        Clip(tmp_path / f"{n}.png", "set", "x", "anna", "image", frame=k)
        for k, n in enumerate("ab")
    ]
    extraction = Extraction([Noting()], 32, 1.6, fitting=Fitting("stretch", 144, 192))
    one, other = extraction.clip(parts, tmp_path)
    assert seen == [(144, 192, 3)]
    row = one.found[0].row
    assert (row["height"], row["width"]) == (144, 192)
    assert "no image" in other.rejected[0].reason


def test_a_grey_picture_has_no_blue_face(tmp_path):
    write_image(tmp_path / "a.png", picture(9))
    part = [Clip(tmp_path / "a.png", "set", "x", "anna", "image")]
    assert found(looks(part, tmp_path)) != []
    assert found(looks(part, tmp_path, fitting=Fitting(colour="grey"))) == []
