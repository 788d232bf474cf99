import numpy as np
import pytest

from facsimile.faces.align import similarity, template, transform
from facsimile.faces.crop import crop_face, keep_crop
from facsimile.faces.detect import Face

LANDMARKS = np.array([[30, 50], [62, 50], [46, 68], [33, 84], [59, 84]], np.float32)
IMAGE = np.random.default_rng(5).integers(0, 256, (112, 92, 3), dtype=np.uint8)


def finder(*faces):
    return lambda image: list(faces)


def test_crop_has_its_landmarks_at_the_template():
    face = Face((20.0, 30.0, 50.0, 70.0), LANDMARKS, 0.9)
    crop = crop_face(IMAGE, face, 64, 1.6)
    assert crop.face is face and crop.image.shape == (64, 64, 3)
    matrix = similarity(LANDMARKS, 64, 1.6)
    assert np.allclose(crop.landmarks, transform(LANDMARKS, matrix), atol=1e-4)
    assert np.abs(crop.landmarks - template(64, 1.6)).max() < 4


def test_no_face():
    assert keep_crop(IMAGE, finder()) is None


def test_dense_landmarks_come_along():
    face = Face((20.0, 30.0, 50.0, 70.0), LANDMARKS, 0.9, LANDMARKS[[2, 0]])
    crop = crop_face(IMAGE, face, 64, 1.6)
    assert np.allclose(crop.dense, crop.landmarks[[2, 0]], atol=1e-4)
    kept = keep_crop(IMAGE, finder(face))
    assert np.allclose(kept.dense, kept.landmarks[[2, 0]], atol=1e-4)


def test_kept_crop_is_untouched_and_its_face_in_its_own_pixels():
    bright = np.zeros_like(IMAGE)
    bright[60, 40] = 255

    def detector(image):
        """Says that everything is where the one bright spot is."""
        y, x = np.unravel_index(image[..., 0].argmax(), image.shape[:2])
        points = np.full((5, 2), [x, y], np.float32)
        return [Face((float(x), float(y), 9.0, 9.0), points, 0.8)]

    crop = keep_crop(bright, detector)
    assert crop.image is bright
    assert np.abs(crop.landmarks - [40, 60]).max() <= 0.5
    assert crop.face.bbox[:2] == pytest.approx((40, 60), abs=1)
    assert np.array_equal(crop.face.landmarks, crop.landmarks)
