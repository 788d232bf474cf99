import numpy as np
import pytest

from facsimile.faces import shapes
from facsimile.faces.align import similarity, transform, warp
from facsimile.faces.masks import tight_mask
from facsimile.faces.quality import pose
from facsimile.filters.colour.none import unchanged
from facsimile.filters.colour.rct import reinhard
from facsimile.filters.unsharp import unsharp_mask
from facsimile.rendering.blending.poisson import poisson
from facsimile.rendering.composite import paste
from facsimile.rendering.look import Look
from facsimile.rendering.mask import Mask
from facsimile.rendering.sharpness import MatchSharpness, Sharpen, sharpness_inside

SIZE = 128


@pytest.fixture
def scene(landmarks_at):
    """A frame, and what a renderer knows of the face in it."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:150, 0:200]
    waves = [100 + 60 * np.sin(x / 20), 120 + 50 * np.cos(y / 25), 90 + (x + y) / 5]
    frame = (np.stack(waves, -1) + rng.normal(0, 4, (150, 200, 3))).astype(np.uint8)
    points = landmarks_at(100, 70, 0.6)
    matrix = similarity(points, SIZE, 1.6)
    face = rng.uniform(0.2, 0.9, (SIZE, SIZE, 3)).astype(np.float32)
    learned = rng.uniform(0.5, 1, (SIZE, SIZE)).astype(np.float32)
    crop, landmarks = warp(frame, matrix, SIZE), transform(points, matrix)
    return frame, crop, face, learned, landmarks, None, matrix


@pytest.mark.parametrize("with_learned", [True, False])
def test_the_default_is_tight_rct_feathered_bit_for_bit(scene, with_learned):
    """As the first recipes were rendered: nothing of the new parts may show by itself."""
    frame, crop, face, learned, landmarks, dense, matrix = scene
    mask = tight_mask(landmarks, SIZE, pose(landmarks).yaw)
    mask = mask * learned if with_learned else mask
    coloured = reinhard(face, crop.astype(np.float32) / 255, mask)
    expected = paste(frame, coloured, mask, matrix)
    own = learned if with_learned else None
    result = Look()(frame, crop, face, own, landmarks, dense, matrix)
    np.testing.assert_array_equal(result, expected)
    assert (result != frame).any()


def test_the_net_sees_the_crop_unless_it_is_sharpened(scene):
    crop = scene[1]
    np.testing.assert_array_equal(Look().prepared(crop), crop)
    sharpened = Look(presharpen=Sharpen(1.0, 2.0)).prepared(crop)
    np.testing.assert_array_equal(sharpened, unsharp_mask(crop, 1.0, 2.0))
    assert sharpened.dtype == np.uint8


def test_colours_are_judged_before_the_detail(scene):
    """The sharpness that counts is that of the recoloured face."""
    frame, crop, face, learned, landmarks, dense, matrix = scene
    given = []

    class Watching(Sharpen):
        def __call__(self, face, target, mask):
            given.append((face, target, mask))
            return face

    Look(detail=Watching())(frame, crop, face, learned, landmarks, dense, matrix)
    target = crop.astype(np.float32) / 255
    mask = Mask()(landmarks, dense, learned, SIZE)
    np.testing.assert_array_equal(given[0][0], reinhard(face, target, mask))
    np.testing.assert_array_equal(given[0][1], target)
    np.testing.assert_array_equal(given[0][2], mask)


def test_each_part_shows(scene):
    usual = Look()(*scene)
    others = [
        Look(mask=Mask(shapes.ellipse)),
        Look(colour=unchanged),
        Look(detail=Sharpen(k=1.0)),
        Look(detail=MatchSharpness()),
        Look(blend=poisson),
    ]
    for look in others:
        assert np.abs(look(*scene).astype(int) - usual).max() > 3


def test_a_noisy_face_becomes_as_soft_as_the_target(scene):
    frame, crop, face, _, landmarks, dense, matrix = scene
    mask = Mask()(landmarks, dense, None, SIZE)
    results = [
        Look(detail=detail)(frame, crop, face, None, landmarks, dense, matrix)
        for detail in (Sharpen(), MatchSharpness())
    ]
    own, *made = (
        sharpness_inside(warp(one, matrix, SIZE).astype(np.float32) / 255, mask)
        for one in (frame, *results)
    )
    assert made[0] > 2 * own
    assert made[1] == pytest.approx(own, rel=0.25)
