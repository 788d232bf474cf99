import cv2
import numpy as np
import pytest
from skimage.transform import estimate_transform

from facsimile.faces.align import invert, similarity, template, transform, warp

RNG = np.random.default_rng(3)


def image(height=90, width=120):
    return cv2.GaussianBlur(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8), (0, 0), 4)


@pytest.mark.parametrize("seed", range(5))
def test_similarity_is_that_of_skimage(seed):
    landmarks = np.random.default_rng(seed).uniform(0, 300, (5, 2)).astype(np.float32)
    oracle = estimate_transform("similarity", landmarks, template(128, 1.6)).params[:2]
    assert np.allclose(similarity(landmarks, 128, 1.6), oracle, atol=1e-6)


def test_known_turn_is_undone():
    angle, scale = np.deg2rad(25), 1.7
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    face = template(128, 1.6) @ turn.T + [40, -7]
    matrix = similarity(face, 128, 1.6)
    assert np.allclose(transform(face, matrix), template(128, 1.6))
    assert np.allclose(transform(transform(face, matrix), invert(matrix)), face)


def test_mirrored_points_are_turned_not_mirrored():
    mirrored = template(128, 1.6) * [-1, 1]
    assert np.linalg.det(similarity(mirrored, 128, 1.6)[:, :2]) > 0


def test_coverage_is_the_field_of_view():
    half, full = template(100, 1.0), template(100, 2.0)
    assert np.allclose(half - 49.5, 2 * (full - 49.5))
    # mirroring the crop leaves the template where it is
    assert np.allclose((99 - full[:, 0])[[1, 0, 2, 4, 3]], full[:, 0])


def test_coinciding_landmarks_give_a_finite_matrix():
    assert np.isfinite(similarity(np.full((5, 2), 7.0), 128, 1.6)).all()


def test_warp_by_identity_and_shift():
    source = image()
    eye = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert np.array_equal(warp(source, eye, (120, 90)), source)
    moved = warp(source, eye + [[0, 0, 5], [0, 0, 3]], 40)
    assert np.array_equal(moved[3:, 5:], source[:37, :35])
    assert (moved[:3, 5:] == moved[3, 5:]).all()  # the border is repeated


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_shrinking_averages(factor):
    source = image(90, 120)
    matrix = np.array(
        [[1 / factor, 0, (1 / factor - 1) / 2], [0, 1 / factor, (1 / factor - 1) / 2]]
    )
    size = (120 // factor, 90 // factor)
    oracle = source[: size[1] * factor, : size[0] * factor]
    oracle = oracle.reshape(size[1], factor, size[0], factor, 3).mean((1, 3))
    assert np.abs(warp(source, matrix, size) - oracle).max() <= 1


def test_stripes_do_not_alias():
    stripes = np.zeros((200, 200, 3), np.uint8)
    stripes[:, ::2] = 255
    matrix = np.array([[0.43, 0, 0], [0, 0.43, 0]])
    assert np.ptp(warp(stripes, matrix, 80).astype(int)[:, 2:-2]) < 60


def test_landmarks_land_where_the_template_says():
    landmarks = np.array([[40, 30], [75, 34], [58, 50], [44, 68], [70, 70]], np.float32)
    source = np.zeros((90, 120, 3), np.uint8)
    for x, y in landmarks.astype(int):
        cv2.circle(source, (int(x), int(y)), 2, (255, 255, 255), -1)
    matrix = similarity(landmarks, 128, 1.6)
    crop = warp(source, matrix, 128)[..., 0].astype(float)
    for x, y in transform(landmarks, matrix):
        window = crop[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7]
        rows, columns = np.mgrid[-6:7, -6:7]
        assert abs((window * rows).sum() / window.sum() - (y - round(y))) < 0.3
        assert abs((window * columns).sum() / window.sum() - (x - round(x))) < 0.3
