import cv2
import numpy as np
import pytest

from facsimile.data.augment import FaceAugmentation

STILL = dict.fromkeys(("rotation", "scale", "shift", "flip", "warp", "noise"), 0.0)


def face(side=128, channels=3):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, channels)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3).clip(0, 255).astype(np.uint8)


def difference(image, other):
    return np.abs(image.astype(int) - other.astype(int))


def augmented(image, seed=1, size=64, **changes):
    augmentation = FaceAugmentation(**STILL | changes)
    return augmentation(image, size, np.random.default_rng(seed))


@pytest.mark.parametrize("side", [64, 128, 256])
def test_without_randomness_it_is_a_reduction_by_area(side):
    image = face(side)
    warped, target = augmented(image)
    expected = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    tolerance = 1 if side < 256 else 5  # bilinear lookups skip every other pixel there
    assert difference(target, expected).max() <= tolerance
    assert np.array_equal(warped, target)


def test_flip_mirrors_input_and_target():
    image = face()
    warped, target = augmented(image, flip=1.0)
    assert difference(target, augmented(image[:, ::-1].copy())[1]).max() <= 1
    assert np.array_equal(warped, target)


def test_rotation_agrees_with_opencv():
    image = face()
    rng = np.random.default_rng(1)
    angle = rng.uniform(-1, 1, 2)[0] * 10
    matrix = cv2.getRotationMatrix2D((63.5, 63.5), angle, 1)
    turned = cv2.warpAffine(image, matrix, (128, 128))
    expected = cv2.resize(turned, (64, 64), interpolation=cv2.INTER_AREA)
    target = augmented(image, rotation=10.0)[1]
    assert difference(target, expected)[16:48, 16:48].max() < 8


def test_warp_moves_only_the_input():
    image = face()
    warped, target = augmented(image, warp=0.12)
    assert np.array_equal(target, augmented(image)[1])
    assert difference(warped, target).mean() > 1


def test_noise_and_colour_disturb_only_the_input():
    image = face()
    for change in ({"noise": 0.05}, {"colour": 0.2}):
        warped, target = augmented(image, **change)
        assert np.array_equal(target, augmented(image)[1])
        assert 0.25 < difference(warped, target).mean() < 75


def test_noise_is_normal_and_of_the_drawn_spread():
    grey = np.full((128, 128, 3), 128, np.uint8)
    spreads = [(augmented(grey, seed, noise=0.1)[0] - 128.0).std() / 255 for seed in range(200)]
    assert max(spreads) < 0.103
    assert abs(np.mean(spreads) - 0.05) < 0.006  # a spread is drawn evenly from 0 to .1


def test_mask_travels_with_the_target():
    image = face(channels=4)
    moved = {"rotation": 10.0, "flip": 0.5, "shift": 0.05}
    warped, target = augmented(image, **moved, colour=0.2, noise=0.1)
    assert warped.shape == target.shape == (64, 64, 4)
    assert not np.array_equal(warped[..., :3], target[..., :3])
    assert np.array_equal(warped[..., 3], target[..., 3])


def test_range_type_and_reproducibility():
    augmentation = FaceAugmentation(colour=0.5)
    image = face()
    first, again, other = (augmentation(image, 64, np.random.default_rng(s)) for s in (3, 3, 4))
    for a, b, c in zip(first, again, other, strict=True):
        assert a.dtype == np.uint8
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)
