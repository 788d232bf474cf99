import cv2
import numpy as np
import pytest

from facsimile.faces.align import template
from facsimile.faces.detect import Face
from facsimile.faces.tracks import Tracks, follow, match
from facsimile.faces.yunet import YuNet
from facsimile.media.video import read_frames

SHAPE = (template(100, 1.6) - 49.5) / 62.5  # as large as its box


def face(x, y, side=60.0, score=0.9, dense=None):
    """A face with the middle at x, y."""
    points = (SHAPE * side + [x, y]).astype(np.float32)
    box = (float(x - side / 2), float(y - side / 2), float(side), float(side))
    return Face(box, points, score, dense)


def scene(places, side=60, height=200, width=300, seed=0):
    """Frames in which a rough patch moves over a rough ground."""
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), (0, 0), 2)
    patch = cv2.GaussianBlur(rng.integers(0, 256, (side, side, 3), dtype=np.uint8), (0, 0), 2)
    for x, y in places:
        matrix = np.array([[1, 0, x - (side - 1) / 2], [0, 1, y - (side - 1) / 2]])
        frame = ground.copy()
        yield cv2.warpAffine(
            patch, matrix, (width, height), frame, borderMode=cv2.BORDER_TRANSPARENT
        )


def line(start, step, count=6):
    return [(start[0] + step[0] * t, start[1] + step[1] * t) for t in range(count)]


# linking


def test_faces_keep_their_numbers_whatever_their_order():
    tracks = Tracks()
    assert tracks.link([face(50, 50), face(200, 60)]) == [0, 1]
    assert tracks.link([face(196, 60), face(55, 52)]) == [1, 0]
    assert tracks.link([face(60, 54)]) == [0]
    assert tracks.link([face(120, 150), face(190, 60), face(64, 54)]) == [2, 1, 0]


def test_crossing_faces_are_assigned_together_not_greedily():
    # the second new face overlaps both old ones, most of all the first; the first new one only it
    before = [face(100, 100), face(125, 100)]
    after = [face(85, 100), face(110, 100)]
    assert match(before, after) == [(0, 0), (1, 1)]


def test_a_gap_is_borne_and_then_not():
    short, long = Tracks(max_gap=2), Tracks(max_gap=2)
    short.link([face(50, 50)]), long.link([face(50, 50)])
    assert [short.link([]) for _ in range(2)] == [[], []]
    assert short.link([face(54, 50)]) == [0]
    assert [long.link([]) for _ in range(3)] == [[], [], []]
    assert long.link([face(50, 50)]) == [1]


def test_a_cut_starts_new_tracks():
    tracks = Tracks()
    tracks.link([face(60, 60), face(160, 60)])
    assert tracks.link([face(60, 150), face(240, 150)]) == [2, 3]
    assert tracks.link([face(60, 60), face(160, 60)]) == [0, 1]  # and back, within the gap


@pytest.mark.parametrize("other", [face(50, 50, 125), face(50, 50, 25)])
def test_a_face_of_another_size_is_another(other):
    tracks = Tracks()
    assert tracks.link([face(50, 50)]) == [0] and tracks.link([other]) == [1]


def test_landmarks_elsewhere_in_the_same_box_are_another():
    moved = face(50, 50)
    moved = Face(moved.bbox, moved.landmarks + np.float32(60), moved.score)
    assert match([face(50, 50)], [moved]) == []


def test_linking_is_deterministic_and_frames_may_be_empty():
    rng = np.random.default_rng(2)
    frames = [
        [face(*rng.uniform(40, 260, 2)) for _ in range(rng.integers(0, 6))] for _ in range(60)
    ]
    one, two = Tracks(), Tracks()
    numbers = [one.link(faces) for faces in frames]
    assert numbers == [two.link(faces) for faces in frames]
    assert all(len(set(found)) == len(found) for found in numbers)
    assert sorted({n for found in numbers for n in found})[-1] < sum(map(len, frames))


# following


def test_a_moving_face_is_followed_to_a_tenth_of_a_pixel():
    places = line((100, 90), (3.3, 1.7))
    found = follow(list(scene(places)), [face(*places[0])], [face(*places[-1], score=0.7)])
    assert len(found) == 4
    for frame, (one,) in enumerate(found, 1):
        wanted = face(*places[frame])
        assert np.abs(one.landmarks - wanted.landmarks).max() < 0.1
        assert np.allclose(one.bbox, wanted.bbox, atol=0.2)
        assert one.score == pytest.approx(0.9 - 0.04 * frame)


def test_a_large_face_is_followed_in_a_smaller_picture():
    images = [image.repeat(4, 0).repeat(4, 1) for image in scene(line((100, 90), (2, 1)))]
    ends = [face(4 * x + 1.5, 4 * y + 1.5, 240.0) for x, y in line((100, 90), (2, 1))]
    for frame, (one,) in enumerate(follow(images, [ends[0]], [ends[-1]]), 1):
        assert np.abs(one.landmarks - ends[frame].landmarks).max() < 1


def test_detections_that_differ_are_blended():
    images = list(scene(line((100, 90), (0, 0))))
    ends = [face(100, 90), face(104, 90)]  # the detector wavers on a still picture
    found = follow(images, ends[:1], ends[1:])
    shifts = [one.landmarks.mean(0)[0] - ends[0].landmarks.mean(0)[0] for (one,) in found]
    assert shifts == pytest.approx([0.8, 1.6, 2.4, 3.2], abs=0.1)


def test_dense_landmarks_go_with_the_face():
    places = line((100, 90), (3, 0))
    dense = np.array([[90, 80], [110, 100]], np.float32)
    ends = [face(*places[0], dense=dense), face(*places[-1], dense=dense + np.float32([15, 0]))]
    found = follow(list(scene(places)), ends[:1], ends[1:])
    assert np.allclose(found[1][0].dense, dense + [6, 0], atol=0.3)


def test_two_faces_the_more_prominent_first():
    places = line((70, 90), (1, 0))
    images = [np.hstack([image, image]) for image in scene(places, width=200)]
    ends = [[face(x, y, score=0.5), face(x + 200, y)] for x, y in (places[0], places[-1])]
    for faces in follow(images, *ends):
        assert [one.bbox[0] > 180 for one in faces] == [True, False]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_face_of_one_end_is_followed_too(backwards):
    places = line((100, 90), (2, 1))
    images, only = list(scene(places)), face(*places[0])
    ends = ([], [only]) if backwards else ([only], [])
    step = -1 if backwards else 1
    found = follow(images[::step], *ends)[::step]
    for frame, (one,) in enumerate(found, 1):
        assert np.abs(one.landmarks - face(*places[frame]).landmarks).max() < 0.2
        assert one.score == 0.9


def test_a_cut_says_that_the_faces_are_lost():
    before = list(scene(line((100, 90), (1, 0)), seed=1))
    after = list(scene(line((200, 100), (1, 0)), seed=2))
    found = follow(before[:3] + after[3:], [face(100, 90)], [face(205, 100)])
    assert found == [None] * 4
    found = follow(before[:3] + after[3:], [face(100, 90)], [])
    assert [faces is None for faces in found] == [False, False, True, True]


def test_ways_that_disagree_are_not_believed():
    images = list(scene(line((100, 90), (0, 0))))
    assert follow(images, [face(100, 90)], [face(115, 90)]) == [None] * 4


def test_one_face_seen_twice_is_in_doubt():
    images = list(scene(line((100, 90), (0, 0))))
    assert follow(images, [face(100, 90), face(104, 90)], []) == [None] * 4


def test_a_face_that_leaves_the_picture_is_lost():
    places = line((262, 90), (8, 0))
    found = follow(list(scene(places)), [face(*places[0])], [])
    assert found[0] is not None and found[-1] is None


def test_no_faces_and_nothing_between():
    images = list(scene(line((100, 90), (1, 0))))
    assert follow(images, [], []) == [[]] * 4
    assert follow(images[:2], [face(100, 90)], [face(101, 90)]) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (20, 20)])
@pytest.mark.parametrize("place", [(0.0, 0.0), (-500.0, 40.0), (9.0, 2000.0)])
def test_tiny_images_and_boxes_outside_do_not_crash(size, place):
    images = [np.full((*size, 3), 90, np.uint8)] * 4
    for ends in ([face(*place)], [face(*place)]), ([face(*place)], []), ([], [face(*place, 3.0)]):
        assert len(follow(images, *ends)) == 2


@pytest.mark.sample
def test_real_faces_are_where_the_detector_sees_them(sample_root, models_root):
    net = YuNet(models_root / "face_detection_yunet_2023mar_int8bq.onnx")
    frames = read_frames(sample_root / "clips/franck.mp4", 200, 241)
    images = [frame.image for frame in frames]
    seen = [net(image) for image in images]
    errors = []
    for key in range(0, 40, 5):
        found = follow(images[key : key + 6], seen[key], seen[key + 5])
        for followed, (wanted,) in zip(found, seen[key + 1 : key + 5], strict=True):
            if followed is not None:
                apart = np.linalg.norm(wanted.landmarks[1] - wanted.landmarks[0])
                away = np.linalg.norm(followed[0].landmarks - wanted.landmarks, axis=1)
                errors.append(away.mean() / apart)
    assert len(errors) >= 28 and np.mean(errors) < 0.02
