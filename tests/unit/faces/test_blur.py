import cv2
import numpy as np
import pytest
from skimage.filters import laplace
from skimage.measure import blur_effect

from facsimile.faces.blur import blockiness, blur, motion_blur, sharpness

RNG = np.random.default_rng(4)
NOISE = RNG.integers(0, 256, (40, 30), dtype=np.uint8)
POINTS = np.array([[40, 40], [80, 40], [60, 60], [45, 80], [75, 80]], float)


def natural(size=128):
    """A picture with the spectrum of natural ones: amplitude falls as the frequency rises."""
    across, down = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size))
    wave = np.fft.fft2(np.random.default_rng(7).normal(size=(size, size)))
    picture = np.fft.ifft2(wave / np.maximum(np.hypot(across, down), 1 / size)).real
    return np.clip(128 + 40 * picture / picture.std(), 0, 255).astype(np.uint8)


PICTURE = natural()


def moved(picture, length, angle):
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    centre = ((length - 1) / 2,) * 2
    kernel = cv2.warpAffine(
        kernel, cv2.getRotationMatrix2D(centre, angle, 1), (length, length), flags=cv2.INTER_LINEAR
    )
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def compressed(picture, quality):
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def rises(values):
    return all(a < b for a, b in zip(values, values[1:], strict=False))


def test_sharpness_is_the_variance_of_the_laplacian():
    oracle = laplace(np.pad(NOISE.astype(float), 1, mode="reflect"), 3)[1:-1, 1:-1]
    assert sharpness(NOISE) == pytest.approx(oracle.var())
    assert sharpness(cv2.GaussianBlur(NOISE, (0, 0), 2)) < sharpness(NOISE) / 10


@pytest.mark.parametrize("picture", [NOISE, PICTURE, moved(PICTURE, 9, 30)])
def test_blur_is_that_of_skimage(picture):
    assert blur(picture) == pytest.approx(blur_effect(picture), abs=1e-4)


def test_blur_rises_with_the_blur():
    assert rises([blur(cv2.GaussianBlur(PICTURE, (0, 0), s)) for s in (0.5, 1, 1.5, 2, 3, 4)])


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135])
def test_motion_in_any_direction_is_more_than_no_motion(angle):
    still = motion_blur(PICTURE)
    assert still < 0.15
    assert all(motion_blur(moved(PICTURE, length, angle)) > still + 0.3 for length in (5, 9, 15))


def test_a_defocused_picture_has_not_moved():
    assert motion_blur(cv2.GaussianBlur(PICTURE, (0, 0), 2)) < 0.15


def test_motion_blur_of_stripes_is_finite():
    stripes = np.tile(np.array([0, 0, 255, 255], np.uint8), (32, 8))
    assert 0 <= motion_blur(stripes) <= 1


def test_blockiness_rises_as_the_quality_falls():
    values = [blockiness(compressed(PICTURE, q), POINTS, POINTS) for q in (95, 60, 30, 15, 5)]
    assert rises(values)
    assert blockiness(PICTURE, POINTS, POINTS) < 0.05 < values[2]


@pytest.mark.parametrize(("angle", "scale"), [(0, 1.0), (12, 0.8), (-30, 1.3)])
def test_blocks_are_found_where_the_frame_has_them(angle, scale):
    frame = compressed(natural(256), 10)
    matrix = cv2.getRotationMatrix2D((131, 125), angle, scale)
    matrix[:, 2] -= (67, 61)
    crop = cv2.warpAffine(frame, matrix, (128, 128), flags=cv2.INTER_CUBIC)
    back = cv2.invertAffineTransform(matrix)
    landmarks = POINTS @ back[:, :2].T + back[:, 2]
    assert blockiness(crop, landmarks, POINTS) > 0.15
    assert blockiness(crop, landmarks + [4, 4], POINTS) < 0.05  # the grid half a block off


def test_blockiness_of_a_crop_that_shows_no_blocks_is_not_known():
    assert np.isnan(blockiness(PICTURE, POINTS * 3, POINTS))
    assert np.isnan(blockiness(PICTURE, POINTS / 8, POINTS))
    assert np.isnan(blockiness(PICTURE, np.full((5, 2), 3.0), np.full((5, 2), 3.0)))
    assert blockiness(np.full((64, 64), 9, np.uint8), POINTS, POINTS) == 0
