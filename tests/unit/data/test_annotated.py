import numpy as np

from facsimile.data.annotated import marked
from facsimile.data.records import Annotation
from facsimile.faces.detect import Face

IMAGE = np.zeros((100, 200, 3), np.uint8)
POINTS = np.array([[3, 3], [7, 3], [5, 5], [4, 7], [6, 7]], np.float32)


def face(x, y, side=20.0):
    return Face((float(x), float(y), side, side), POINTS * side / 10 + np.float32([x, y]), 0.9)


def blind(image):
    return []


def test_each_mark_gets_the_face_that_overlaps_most():
    marks = [Annotation((100.0, 10.0, 20.0, 20.0), 1), Annotation((12.0, 10.0, 20.0, 20.0), 0)]
    labelled, reasons = marked(IMAGE, [face(10, 10), face(101, 12)], marks, blind)
    assert [(label, one.bbox[0]) for label, one in labelled] == [(1, 101), (0, 10)]
    assert reasons == []


def test_a_face_serves_one_mark_only():
    marks = [Annotation((10.0, 10.0, 20.0, 20.0), 1), Annotation((14.0, 10.0, 20.0, 20.0), 0)]
    labelled, reasons = marked(IMAGE, [face(11, 10)], marks, blind)
    assert [label for label, _ in labelled] == [1]
    assert reasons == ["no face found where one is marked, at 14, 10, 20 x 20"]


def test_a_face_that_nobody_marked_is_left_out():
    labelled, reasons = marked(IMAGE, [face(150, 50)], [], blind)
    assert labelled == [] and reasons == ["a face at 150, 50 is not marked"]


def test_a_marked_face_is_looked_for_again_in_its_surroundings():
    parts = []

    def closer(part):
        parts.append(part.shape)
        return [face(5, 5), face(10, 10)]

    mark = Annotation((100.0, 40.0, 20.0, 20.0), 1)
    ((label, one),), reasons = marked(IMAGE, [], [mark], closer)
    assert (label, one.bbox[:2]) == (1, (100, 40)) and not reasons
    assert parts == [(41, 41, 3)]
    assert np.allclose(one.landmarks, face(100, 40).landmarks)


def test_no_face_gets_two_labels():
    marks = [Annotation((10.0, 10.0, 20.0, 20.0), 1), Annotation((14.0, 10.0, 20.0, 20.0), 0)]
    same = lambda part: [face(11, 10)]  # noqa: E731
    labelled, reasons = marked(IMAGE, [face(11, 10)], marks, same)
    assert [label for label, _ in labelled] == [1] and len(reasons) == 1


def test_a_mark_off_the_image_is_set_aside():
    labelled, reasons = marked(IMAGE, [], [Annotation((500.0, 500.0, 20.0, 20.0), 1)], blind)
    assert not labelled and len(reasons) == 1
