import threading
import time

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.media.video import read_frames
from facsimile.rendering.choice import every
from facsimile.rendering.track import NoFace, length, some_face, track, with_track, write_track


def test_finds_the_face_of_each_frame(make_clip, landmarks_at, mark_detector):
    found = list(track(read_frames(make_clip(without=(3, 4))), mark_detector))
    assert [one.frame.index for one in found] == list(range(12))
    for index, one in enumerate(found):
        if index in (3, 4):
            assert one.faces == ()
        else:
            np.testing.assert_array_equal(one.faces[0].five, landmarks_at(40 + index, 30))


def test_no_detector_serves_two_threads_at_once(make_clip):
    class Single:
        def __init__(self) -> None:
            self.busy = threading.Lock()

        def __call__(self, image):
            assert self.busy.acquire(blocking=False)
            time.sleep(0.001)
            self.busy.release()
            return []

    assert len(list(track(read_frames(make_clip(count=30)), Single, workers=3))) == 30


def test_the_first_face_counts(make_clip, landmarks_at, mark_detector):
    class Two(mark_detector):
        def __call__(self, image):
            face = super().__call__(image)[0]
            other = type(face)(face.bbox, landmarks_at(10, 10), 0.7)
            return [face, other]

    found = next(track(read_frames(make_clip()), Two))
    np.testing.assert_array_equal(found.faces[0].five, landmarks_at(40, 30))


def test_a_track_is_kept_and_joined_again(make_clip, tmp_path, mark_detector):
    clip, path = make_clip(without=(0, 5)), tmp_path / "a.parquet"
    found = list(track(read_frames(clip, 3, 9), mark_detector))
    write_track(found, path)
    assert length(path) == 6
    joined = list(with_track(read_frames(clip, 3, 9), path))
    assert [one.frame.index for one in joined] == [3, 4, 5, 6, 7, 8]
    for one, other in zip(found, joined, strict=True):
        np.testing.assert_array_equal(one.frame.image, other.frame.image)
        assert len(one.faces) == len(other.faces)
        for kept, again in zip(one.faces, other.faces, strict=True):
            np.testing.assert_array_equal(kept.five, again.five)
    assert joined[2].faces == ()


def test_the_same_track_gives_the_same_bytes(make_clip, tmp_path, mark_detector):
    clip = make_clip(without=(2,))
    for name in ("a", "b"):
        write_track(track(read_frames(clip), mark_detector), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_clip_without_any_face(make_clip, tmp_path, mark_detector):
    clip, path = make_clip(count=3, without=(0, 1, 2)), tmp_path / "a.parquet"
    write_track(track(read_frames(clip), mark_detector), path)
    assert [one.faces for one in with_track(read_frames(clip), path)] == [()] * 3


@pytest.mark.parametrize(("start", "stop"), [(0, 6), (5, 12)])
def test_another_clips_track_is_refused(make_clip, tmp_path, start, stop, mark_detector):
    clip, path = make_clip(), tmp_path / "a.parquet"
    write_track(track(read_frames(clip, 3, 9), mark_detector), path)
    with pytest.raises(UserError, match="a.parquet does not fit"):
        list(with_track(read_frames(clip, start, stop), path))


def test_chosen_faces_are_tracked(make_clip, landmarks_at, mark_detector):
    class Two(mark_detector):
        def __call__(self, image):
            face = super().__call__(image)[0]
            return [face, type(face)(face.bbox, landmarks_at(10, 10), 0.7)]

    both = next(track(read_frames(make_clip()), Two, every))
    assert [face.five[2, 0].round() for face in both.faces] == [40, 10]
    second = next(track(read_frames(make_clip()), Two, lambda _, faces: faces[1:]))
    np.testing.assert_array_equal(second.faces[0].five, landmarks_at(10, 10))
    assert (both.passed, len(both.faces)) == (0, 2)


def test_a_clip_in_which_the_person_is_not_seen_says_how_anybody_is_taken(make_clip, mark_detector):
    clip = make_clip(count=4, without=(0,))
    found = track(read_frames(clip), mark_detector, lambda _, faces: [])
    with pytest.raises(NoFace, match=f"{clip.name}: none of the 3 faces in its 4 .*face=largest"):
        list(some_face(found, clip))
