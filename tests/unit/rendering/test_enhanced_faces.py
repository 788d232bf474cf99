from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import torch
from tests.photographs import photograph

from facsimile.faces.detect import Face
from facsimile.inference.enhance import Enhancer
from facsimile.models.restoration_cascade import RestorationCascade
from facsimile.rendering.enhanced_faces import FaceEnhancer
from facsimile.rendering.mask import Mask

FIVE = np.array([[0, 0], [40, 0], [20, 22], [4, 44], [36, 44]], np.float32)
PLACES = (
    (120.0, 150.0),
    (185.0, 150.0),
)  # of the right eye: the second face is in the first one's sight


@dataclass(frozen=True)
class Whole(Mask):
    """Takes all of the crop, so that nothing is mixed."""

    def __call__(self, landmarks, dense, learned, size):
        return np.ones((size, size), np.float32)


def two_faces(image):
    return [Face((x, y, 40.0, 44.0), FIVE + np.float32([x, y]), 0.9) for x, y in PLACES]


@pytest.fixture(scope="module")
def net():
    """It sees blur and shadow, farther than 64 pixels."""
    torch.manual_seed(0)
    made = RestorationCascade(8, (1, 1), 8, (1, 2), 4).eval()
    with torch.no_grad():
        for parameter in (made.light.weight, made.coarse.weight[1:]):
            parameter.normal_(std=0.1)
    return made


@pytest.fixture(scope="module")
def picture():
    """Dark and sharp on the left, light and soft on the right: what lies around a face tells."""
    sharp = photograph(1, 400)
    soft = cv2.GaussianBlur(sharp, (0, 0), 2.4)
    soft[:, :150] = sharp[:, :150] // 3
    return soft


def test_faces_come_out_as_in_the_whole_picture_restored(net, picture):
    enhancer = Enhancer(net)
    whole = enhancer(picture).astype(int)
    pixels = picture.copy()
    assert FaceEnhancer(enhancer.part, two_faces, Whole())(pixels) == 2
    changed = (pixels != picture).any(2)
    assert 0.1 < changed.mean() < 0.5
    assert np.abs(pixels - whole)[changed].max() <= 1  # of 255
    assert np.abs(whole - picture)[changed].max() > 10


def test_the_reach_of_the_net_is_needed_for_that(net, picture):
    """64 pixels around a face were not enough; otherwise the test above would show nothing."""
    whole = Enhancer(net)(picture).astype(int)
    pixels = picture.copy()
    FaceEnhancer(Enhancer(net, overlap=64).part, two_faces, Whole())(pixels)
    changed = (pixels != picture).any(2)
    assert np.abs(pixels - whole)[changed].max() > 1


def test_the_tight_mask_mixes_and_leaves_the_rest(net, picture):
    pixels = picture.copy()
    FaceEnhancer(Enhancer(net).part, two_faces)(pixels)
    whole = Enhancer(net)(picture).astype(int)
    changed = (pixels != picture).any(2)
    assert 0.01 < changed.mean() < 0.1
    step, all_of_it = pixels.astype(int) - picture, whole - picture
    assert (np.abs(step) <= np.abs(all_of_it) + 1).all()


def test_a_face_outside_of_the_picture_changes_nothing(net, picture):
    pixels = picture.copy()

    def outside(image):
        return [Face((900.0, 900.0, 40.0, 44.0), FIVE + 900, 0.9)]

    assert FaceEnhancer(Enhancer(net).part, outside)(pixels) == 1
    assert np.array_equal(pixels, picture)
