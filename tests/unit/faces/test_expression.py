import cv2
import numpy as np
import pytest

from facsimile.faces.expression import _DLIB, _MEDIAPIPE, expression

LAYOUTS = [(68, _DLIB), (468, _MEDIAPIPE), (478, _MEDIAPIPE)]


def eye(centre, opening, width=24):
    """Corner, two points above, corner, two below, as wide as said and so open."""
    x, y = centre
    half, up = width / 2, opening * width / 2
    above = [(x - half / 3, y - up), (x + half / 3, y - up)]
    below = [(x + half / 3, y + up), (x - half / 3, y + up)]
    return [(x - half, y), *above, (x + half, y), *below]


def dense(count, layout, eyes=0.3, mouth=0.2):
    points = np.zeros((count, 2))
    for places, centre in zip(layout.eyes, ((44, 50), (84, 50)), strict=True):
        points[list(places)] = eye(centre, eyes)
    height = mouth * 30 / 2
    points[list(layout.mouth)] = [(49, 90), (64, 90 - height), (79, 90), (64, 90 + height)]
    return points


def looking(where):
    """White eyes whose irises lie at -1 (the viewer's left corner) to 1."""
    picture = np.full((128, 128), 220, np.uint8)
    for x in (44, 84):
        cv2.circle(picture, (round(x + where * 12), 50), 4, 40, -1)
    return picture


@pytest.mark.parametrize(("count", "layout"), LAYOUTS)
def test_openings_are_in_widths(count, layout):
    found = expression(looking(0), dense(count, layout, eyes=0.25, mouth=0.6))
    assert found.eye_opening == pytest.approx(0.25)
    assert found.mouth_opening == pytest.approx(0.6)


@pytest.mark.parametrize(("count", "layout"), LAYOUTS)
def test_gaze_follows_the_irises(count, layout):
    gazes = [expression(looking(x), dense(count, layout)).gaze for x in (-0.6, -0.3, 0, 0.3, 0.6)]
    assert gazes[2] == pytest.approx(0, abs=0.06)
    assert gazes[0] < -0.4 and gazes[4] > 0.4
    assert all(a < b for a, b in zip(gazes, gazes[1:], strict=False))


def test_gaze_follows_the_irises_of_a_tilted_face():
    matrix = cv2.getRotationMatrix2D((64, 64), 30, 1)
    points = dense(68, _DLIB) @ matrix[:, :2].T + matrix[:, 2]
    picture = cv2.warpAffine(looking(0.5), matrix, (128, 128), borderValue=220)
    assert expression(picture, points).gaze == pytest.approx(
        expression(looking(0.5), dense(68, _DLIB)).gaze, abs=0.1
    )


@pytest.mark.parametrize("points", [None, np.zeros((5, 2)), np.zeros((106, 2))])
def test_without_dense_landmarks_nothing_is_known(points):
    assert np.isnan(expression(looking(0), points)).all()


def test_a_face_of_one_point_is_no_error():
    found = expression(np.full((128, 128), 90, np.uint8), np.full((68, 2), 5.0))
    assert found.mouth_opening == 0 and found.eye_opening == 0 and np.isnan(found.gaze)
