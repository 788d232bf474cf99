import cv2
import numpy as np
import pytest

from facsimile.data.augment import Draws, FaceAugmentation

STILL = dict.fromkeys(("rotation", "scale", "shift", "flip", "warp", "noise"), 0.0)


def face(side=128, channels=3):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, channels)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3).clip(0, 255).astype(np.uint8)


def difference(image, other):
    return np.abs(image.astype(int) - other.astype(int))


def augmented(image, seed=1, size=64, beside=None, **changes):
    """Warped and target of one view."""
    augmentation = FaceAugmentation(**STILL | changes)
    draws = augmentation.draw(np.random.default_rng(seed), 1)
    (warped,), (target,) = augmentation([(image, beside)], size, draws)
    return warped, target


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


def test_rotation_scale_and_shift_agree_with_opencv():
    image = face()
    angle, growth, *move = (2 * np.random.default_rng(1).random(13) - 1)[:4]
    matrix = cv2.getRotationMatrix2D((63.5, 63.5), 10 * angle, 1 / (1 + 0.05 * growth))
    matrix[:, 2] -= matrix[:, :2] @ np.multiply(move, 128 * 0.05)
    turned = cv2.warpAffine(image, matrix, (128, 128), borderMode=cv2.BORDER_REPLICATE)
    expected = cv2.resize(turned, (64, 64), interpolation=cv2.INTER_AREA)
    target = augmented(image, rotation=10.0, scale=0.05, shift=0.05)[1]
    assert difference(target, expected)[2:-2, 2:-2].mean() < 0.5
    assert difference(target, augmented(image)[1]).mean() > 5


def test_beyond_the_edge_the_edge_goes_on():
    columns = np.arange(128, dtype=np.uint8)[None, :, None]
    image = np.ascontiguousarray(np.broadcast_to(columns, (128, 128, 3)))
    move = 2 * np.random.default_rng(4).random(13)[2] - 1
    target = augmented(image, seed=4, shift=0.5)[1]
    expected = (2 * np.arange(64) + 0.5 + 64 * move).clip(0, 127)
    assert abs(64 * move) > 3 * 128 / 8  # far beyond the border that is kept ready
    assert np.abs(target[..., 0] - expected).max() <= 1


def test_the_warp_is_a_cubic_between_its_nodes():
    ramp = np.arange(128, dtype=np.uint8)
    for axis, image in enumerate(np.meshgrid(ramp, ramp)):
        warped = augmented(cv2.merge([image] * 3), size=128, warp=0.12)[0][..., 0]
        rng = np.random.default_rng(1)
        rng.random(13)
        nodes = rng.standard_normal((2, 5, 5), np.float32).clip(-2, 2)[axis]
        moves = 0.12 * 32 * cv2.resize(nodes, (128, 128), interpolation=cv2.INTER_CUBIC)
        assert np.abs(warped - (image + moves).clip(0, 127)).max() <= 1


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


def test_masks_travel_with_the_target_alone():
    image, beside = face(channels=4), face(channels=1)
    moved = {"rotation": 10.0, "flip": 0.5, "shift": 0.05}
    plain = augmented(np.ascontiguousarray(image[..., :3]), **moved)
    warped, target = augmented(image, beside=beside, **moved)
    assert warped.shape == (64, 64, 3)
    assert target.shape == (64, 64, 5)
    assert np.array_equal(warped, plain[0])
    assert np.array_equal(target[..., :3], plain[1])
    for channel, mask in ((3, image[..., 3]), (4, beside)):
        alone = augmented(cv2.merge([mask] * 3), **moved)[1]
        assert np.array_equal(target[..., channel], alone[..., 0])


def test_gains_and_offsets_are_the_drawn_ones():
    image = face() // 2 + 64
    light = (2 * np.random.default_rng(1).random(13) - 1)[5:11]
    expected = image * (1 + 0.2 * light[:3]) + 0.1 * 255 * light[3:]
    assert np.abs(augmented(image, size=128, colour=0.2)[0] - expected.clip(0, 255)).max() <= 0.51


def test_a_view_is_the_same_in_every_company():
    augmentation = FaceAugmentation(colour=0.5)
    draws = augmentation.draw(np.random.default_rng(3), 3)
    faces = [(face(), None), (face(64), None), (face()[::-1].copy(), None)]
    together = augmentation(faces, 32, draws)
    for view, one in enumerate(faces):
        alone = augmentation([one], 32, Draws(*(part[view : view + 1] for part in draws)))
        for part, whole in zip(alone, together, strict=True):
            assert part.dtype == np.uint8
            assert np.array_equal(part[0], whole[view])
    assert not np.array_equal(together[1][0], augmented(faces[0][0], size=32)[1])
