import cv2
import numpy as np
import pytest

from facsimile.faces.lighting import (
    asymmetry,
    brightness,
    clipping,
    contrast,
    evenness,
    face_patch,
)

RNG = np.random.default_rng(5)
NOISE = RNG.integers(0, 256, (40, 30), dtype=np.uint8)
POINTS = np.array([[44, 50], [84, 50], [64, 66], [48, 86], [80, 86]], float)


def face(gain_across=0.0, gain_down=0.0):
    """A face of skin, eyes and mouth, lit by a plane of light."""
    picture = np.full((128, 128), 130, np.float32)
    for x, y in ((44, 50), (84, 50)):
        cv2.ellipse(picture, (x, y), (9, 5), 0, 0, 360, 60, -1)
    cv2.ellipse(picture, (64, 86), (16, 5), 0, 0, 360, 90, -1)
    down, across = np.mgrid[-1:1:128j, -1:1:128j]
    return np.clip(picture * (1 + gain_across * across + gain_down * down), 0, 255).astype(np.uint8)


def evenness_of(picture, points=POINTS):
    return evenness(face_patch(picture, points))


def asymmetry_of(picture, points=POINTS):
    return asymmetry(face_patch(picture, points))


def test_brightness_and_contrast_are_mean_and_standard_deviation():
    assert brightness(NOISE) == pytest.approx(NOISE.mean())
    assert contrast(NOISE) == pytest.approx(NOISE.std())


def test_clipping_is_the_share_of_black_and_white():
    expected = ((NOISE <= 2) | (NOISE >= 253)).mean()
    assert 0 < expected == pytest.approx(clipping(NOISE))


def test_a_patch_of_a_turned_face_is_that_of_the_upright_one():
    matrix = cv2.getRotationMatrix2D((64, 64), 25, 0.9)
    turned = cv2.warpAffine(face(0.3), matrix, (128, 128), flags=cv2.INTER_CUBIC)
    points = POINTS @ matrix[:, :2].T + matrix[:, 2]
    apart = np.abs(face_patch(turned, points) - face_patch(face(0.3), POINTS))
    assert apart.mean() < 2


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("axis", ["gain_across", "gain_down"])
def test_evenness_falls_as_the_light_comes_from_a_side(axis, side):
    values = [evenness_of(face(**{axis: side * gain})) for gain in (0.0, 0.2, 0.4, 0.6)]
    assert values[0] > 0.9
    assert all(a > b + 0.05 for a, b in zip(values, values[1:], strict=False))


def test_evenness_is_the_darkest_by_the_brightest_edge():
    ramp = np.tile(np.linspace(50, 100, 128), (128, 1)).astype(np.uint8)
    left, right = (ramp[0, round(64 + d * 0.9 * 40)] for d in (-1, 1))
    assert evenness_of(ramp) == pytest.approx(left / right, abs=0.02)


def test_evenness_of_black_and_of_a_point():
    assert evenness_of(np.zeros((64, 64), np.uint8)) == 1
    assert 0 <= evenness_of(NOISE, np.full((5, 2), 3.0)) <= 1


def test_a_hand_before_the_face_is_asymmetric_and_light_is_not():
    hidden = face()
    cv2.rectangle(hidden, (70, 40), (127, 127), 120, -1)
    cv2.line(hidden, (70, 90), (100, 60), 60, 3)
    assert asymmetry_of(face()) < 0.1
    assert asymmetry_of(face(0.3)) < 0.4
    assert asymmetry_of(hidden) > 0.5
    assert asymmetry_of(np.full((64, 64), 9, np.uint8)) == 0
