import numpy as np
import pytest

from facsimile.data.colour_augment import Recolouring
from facsimile.errors import UserError
from facsimile.faces.masks import ellipse_mask
from facsimile.filters.colour.lct import linear
from facsimile.filters.colour.mkl import monge_kantorovich
from facsimile.filters.colour.rct import reinhard

TRANSFERS = {"rct": reinhard, "lct": linear, "mkl": monge_kantorovich}
TINT = np.array([[1.0, 0.3, 0.1], [0.1, 0.8, 0.1], [0.0, 0.2, 0.6]])


def face(seed, mean, spread=25.0, channels=3):
    rng = np.random.default_rng(seed)
    image = rng.normal(0, spread, (64, 64, 3)) @ TINT + mean
    mask = np.random.default_rng(9).integers(0, 256, (64, 64, channels - 3))
    return np.dstack([image, mask]).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("mode", TRANSFERS)
@pytest.mark.parametrize("channels", [3, 4])
def test_it_is_the_transfer_that_rendering_has(mode, channels):
    """To what 8 bits can tell."""
    one, other = face(0, (150, 120, 100), 18, channels), face(1, (100, 110, 120), 25, channels)
    recolouring = Recolouring(mode, 1.0)
    colours = [recolouring.measure(image) for image in (one, other)]
    made = recolouring(one, *colours)
    mask = one[..., 3] / 255 if channels == 4 else ellipse_mask(64)
    pictures = [image[..., :3].astype(np.float32) / 255 for image in (one, other)]
    expected = TRANSFERS[mode](*pictures, mask) * 255
    off = np.abs(made[..., :3] - expected)
    # an 8-bit CIELAB channel is cut where a colour of it leaves the gamut
    assert np.quantile(off, 0.99) < (4 if mode == "rct" else 1)
    assert off.mean() < 1.2
    assert np.array_equal(made[..., 3:], one[..., 3:])
    assert made.dtype == np.uint8


@pytest.mark.parametrize("mode", TRANSFERS)
def test_its_own_colours_leave_a_face_alone(mode):
    image = face(0, (150, 120, 100), channels=4)
    recolouring = Recolouring(mode, 1.0)
    own = recolouring.measure(image)
    off = np.abs(recolouring(image, own, own).astype(int) - image)
    assert off.max() <= (6 if mode == "rct" else 1)
    assert off.mean() < 1


@pytest.mark.parametrize("mode", TRANSFERS)
def test_flat_faces_and_empty_masks_have_colours_too(mode):
    flat = np.dstack([np.full((16, 16, 3), 90, np.uint8), np.zeros((16, 16, 1), np.uint8)])
    other = face(1, (100, 110, 120))[:16, :16].copy()
    recolouring = Recolouring(mode, 1.0)
    colours = [recolouring.measure(image) for image in (flat, other)]
    middle = recolouring(flat, *colours)[..., :3].astype(float).mean((0, 1))
    wanted = recolouring(other, colours[1], colours[1]).astype(float).mean((0, 1))
    assert np.abs(middle - wanted).max() < 12
    flattened = recolouring(other, colours[1], colours[0])
    assert np.abs(flattened.astype(int) - 90).max() <= 3


def test_an_unknown_mode_is_refused():
    with pytest.raises(UserError, match="colour_transfer=sot: give none, rct, lct or mkl"):
        Recolouring("sot", 0.5)
