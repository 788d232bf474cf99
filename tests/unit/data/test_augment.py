import cv2
import numpy as np
import pytest

from facsimile.data.augment import FaceAugmentation

STILL = dict.fromkeys(("rotation", "scale", "shift", "flip", "warp", "noise"), 0.0)


def face(side=128, channels=3):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, channels)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3).clip(0, 255).astype(np.uint8)


def augmented(image, seed=1, size=64, **changes):
    augmentation = FaceAugmentation(**STILL | changes)
    return augmentation(image, size, np.random.default_rng(seed))


@pytest.mark.parametrize("side", [64, 128, 256])
def test_without_randomness_it_is_a_reduction_by_area(side):
    image = face(side)
    warped, target = augmented(image)
    expected = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    tolerance = 0.003 if side < 256 else 0.02  # bilinear lookups skip every other pixel there
    assert np.abs(target - expected).max() < tolerance
    assert np.array_equal(warped, target)


def test_flip_mirrors_input_and_target():
    image = face()
    warped, target = augmented(image, flip=1.0)
    assert np.allclose(target, augmented(image[:, ::-1].copy())[1], atol=0.005)
    assert np.array_equal(warped, target)


def test_rotation_agrees_with_opencv():
    image = face()
    rng = np.random.default_rng(1)
    angle = rng.uniform(-1, 1, 2)[0] * 10
    matrix = cv2.getRotationMatrix2D((63.5, 63.5), angle, 1)
    turned = cv2.warpAffine(image, matrix, (128, 128))
    expected = cv2.resize(turned, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    target = augmented(image, rotation=10.0)[1]
    assert np.abs(target - expected)[16:48, 16:48].max() < 0.03


def test_warp_moves_only_the_input():
    image = face()
    warped, target = augmented(image, warp=0.12)
    assert np.array_equal(target, augmented(image)[1])
    assert np.abs(warped - target).mean() > 0.005


def test_noise_and_colour_disturb_only_the_input():
    image = face()
    for change in ({"noise": 0.05}, {"colour": 0.2}):
        warped, target = augmented(image, **change)
        assert np.array_equal(target, augmented(image)[1])
        assert 0.001 < np.abs(warped - target).mean() < 0.3


def test_mask_travels_with_the_target():
    image = face(channels=4)
    warped, target = augmented(image, rotation=10.0, flip=0.5, shift=0.05)
    assert warped.shape == (64, 64, 3)
    assert target.shape == (64, 64, 4)


def test_range_type_and_reproducibility():
    augmentation = FaceAugmentation(colour=0.5)
    image = face()
    first, again, other = (augmentation(image, 64, np.random.default_rng(s)) for s in (3, 3, 4))
    for a, b, c in zip(first, again, other, strict=True):
        assert a.dtype == np.float32 and a.min() >= 0 and a.max() <= 1
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)
