import numpy as np
import pytest

from facsimile.data.training_masks import AlignedFace, Hull, Learned, components, tight
from facsimile.errors import UserError
from facsimile.faces.components import eyes_mouth_mask
from facsimile.faces.detect import Face
from facsimile.faces.hull import filled
from facsimile.faces.masks import tight_mask

LANDMARKS = np.array([[44, 50], [84, 50], [64, 72], [48, 94], [80, 94]], np.float32)
OCTAGON = np.array(
    [[64 + 40 * np.cos(a), 70 + 44 * np.sin(a)] for a in np.arange(8) * np.pi / 4], np.float32
)


@pytest.fixture
def face():
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    return AlignedFace(image, LANDMARKS, 20.0, "dst")


class Octagons:
    """Finds what it is told to, at the same share of any picture that shows the crop enlarged."""

    def __init__(self, dense, faces=1):
        self.dense, self.faces = dense, faces

    def __call__(self, image):
        # of 128 pixels the crop is looked for at three times its size, with a margin of 58
        dense = None if self.dense is None else ((self.dense + 0.5) * 3 - 0.5 + 58)
        five = np.asarray((LANDMARKS + 0.5) * 3 - 0.5 + 58, np.float32)
        box = (100.0, 100.0, 300.0, 300.0)
        found = Face(box, five, 0.9, None if dense is None else dense.astype(np.float32))
        return [found] * self.faces


def test_the_tight_mask_turns_with_the_head(face):
    assert np.array_equal(tight(face), tight_mask(LANDMARKS, 128, 20.0))
    assert not np.array_equal(tight(face), tight(face._replace(yaw=-20.0)))


def test_components_are_eyes_and_mouth(face):
    assert np.array_equal(components(face), eyes_mouth_mask(LANDMARKS, 128))


def test_a_hull_is_that_of_the_landmarks_found_in_the_picture(face):
    mask = Hull(Octagons(OCTAGON))(face)
    assert np.abs(mask - filled(OCTAGON, 128)).max() < 0.01
    assert mask[70, 64] == 1 and mask[4, 4] == 0


def test_brows_are_raised_as_asked(face):
    dense = np.tile(OCTAGON, (9, 1))[:68]
    low, high = (Hull(Octagons(dense), share)(face) for share in (0.0, 2.0))
    assert not np.array_equal(low, high)


def test_a_face_without_landmarks_gets_the_tight_mask_and_says_so(face):
    with pytest.warns(UserWarning, match="no landmarks in some faces"):
        mask = Hull(Octagons(OCTAGON, faces=0))(face)
    assert np.array_equal(mask, tight(face))


def test_a_hull_refuses_a_detector_of_five_landmarks(face):
    with pytest.raises(UserError, match="detector=dlib"):
        Hull(Octagons(None))(face)


def test_a_net_is_asked_for_the_person_whose_face_it_is(face):
    asked = []

    def net(image, identity):
        asked.append((image, identity))
        return np.full((128, 128), 0.5, np.float32)

    assert (Learned(net)(face) == 0.5).all()
    [(image, identity)] = asked
    assert image is face.image and identity == "dst"
