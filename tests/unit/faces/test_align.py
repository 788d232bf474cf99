import cv2
import numpy as np
import pytest
from skimage.transform import SimilarityTransform, estimate_transform

from facsimile.errors import UserError
from facsimile.faces.align import (
    FaceType,
    field_of_view,
    fit,
    invert,
    similarity,
    template,
    transform,
    warp,
)

RNG = np.random.default_rng(3)
LANDMARKS = np.array([[40, 30], [75, 34], [58, 50], [44, 68], [70, 70]], np.float32)


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
    landmarks = LANDMARKS
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


@pytest.mark.parametrize("kind", FaceType)
@pytest.mark.parametrize("seed", range(3))
def test_similarity_to_a_face_type_is_that_of_skimage(seed, kind):
    rng = np.random.default_rng(seed)
    landmarks = template(200, 1.6) @ [[0.9, 0.3], [-0.3, 0.9]] + rng.normal(0, 4, (5, 2)) + 50
    oracle = SimilarityTransform.from_estimate(landmarks, template(128, kind)).params[:2]
    assert np.allclose(similarity(landmarks, 128, kind), oracle, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "padding", "lift"),
    [
        ("half", 0.0, 0.0),
        ("mid", 0.0675, 0.0),
        ("full", 0.2109375, 0.0),
        ("whole", 0.40, 0.07),
        ("head", 0.70, 0.50),
    ],
)
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_corners_are_where_deepfacelab_puts_them(kind, padding, lift, angle):
    """Its construction: from the centre along the diagonals, the centre moved up the face."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    side, centre = 70.0, np.array([210.0, 160.0])
    face = (template(2, 1.0) - 0.5) / 2 @ turn.T * side + centre
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) @ turn.T * side + centre
    reach = np.linalg.norm(square[2] - square[0]) * (padding * np.sqrt(2) + 0.5)
    middle = centre + (square[0] - square[3]) * lift
    along = (square - centre) / np.linalg.norm(square - centre, axis=1, keepdims=True)
    corners = middle + along * reach
    crop = np.array([[0, 0], [128, 0], [128, 128], [0, 128]]) - 0.5
    ours = transform(crop, invert(similarity(face, 128, field_of_view(kind))))
    assert np.allclose(ours, corners, atol=1e-6)


def test_numbers_mean_what_they_meant():
    assert np.array_equal(template(128, FaceType.HALF), template(128, 1.0))
    assert field_of_view(1.35) == 1.35 and isinstance(field_of_view(2), float)
    assert np.array_equal(
        similarity(LANDMARKS, 96, field_of_view(1.35)), similarity(LANDMARKS, 96, 1.35)
    )


def test_wider_types_show_more_and_the_head_lies_low():
    spread = [np.ptp(template(128, kind)[:, 0]) for kind in FaceType]
    assert spread == sorted(spread, reverse=True)
    assert template(128, FaceType.HEAD)[2, 1] > template(128, FaceType.HEAD.coverage)[2, 1] + 20


def test_unknown_face_type():
    with pytest.raises(UserError, match="'big'.*half, mid, full, whole, head"):
        field_of_view("big")


@pytest.mark.parametrize("count", [2, 5, 68])
def test_fit_finds_a_similarity_of_any_points(count):
    points = np.random.default_rng(count).normal(0, 30, (count, 2))
    matrix = np.array([[0.6, -0.8, 12.0], [0.8, 0.6, -3.0]]) * 1.5
    assert np.allclose(fit(points, transform(points, matrix)), matrix)
