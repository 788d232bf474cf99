import numpy as np
import pytest
from PIL import Image

from facsimile.degradations.downscale import Downscale


def test_it_averages_and_enlarges_bilinearly(detailed):
    even = detailed[:64, :60]
    degraded = Downscale(0.5, ["bilinear"])(even, np.random.default_rng(0))
    small = np.rint(even.reshape(32, 2, 30, 2, 3).mean(axis=(1, 3))).astype(np.uint8)
    oracle = Image.fromarray(small).resize((60, 64), Image.Resampling.BILINEAR)
    assert np.abs(degraded - np.asarray(oracle, int)).max() <= 2


def test_nearest_repeats_pixels(detailed):
    even = detailed[:64, :60]
    degraded = Downscale(0.25, ["nearest"])(even, np.random.default_rng(0))
    blocks = degraded.reshape(16, 4, 15, 4, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_every_interpolation_is_drawn(detailed):
    each = {
        name: Downscale(0.5, [name])(detailed, np.random.default_rng(0)).tobytes()
        for name in ("nearest", "bilinear", "bicubic")
    }
    degrade = Downscale(0.5, list(each))
    drawn = [degrade(detailed, np.random.default_rng(s)).tobytes() for s in range(30)]
    assert set(drawn) == set(each.values())


def test_what_is_within_sees_the_small_image(detailed):
    seen = []

    def look(image, rng):
        seen.append(image.shape)
        return np.zeros_like(image)

    degraded = Downscale(0.5, within=[look])(detailed, np.random.default_rng(0))
    assert seen == [(35, 30, 3)]
    assert degraded.max() == 0


def test_floats_stay_within_their_range():
    edge = np.zeros((40, 40, 3), np.float32)
    edge[:, 20:] = 1
    degraded = Downscale(0.5, ["bicubic"])(edge, np.random.default_rng(0))
    assert (degraded.min(), degraded.max()) == (0, 1)


@pytest.mark.parametrize("names", [[], ["lanczos"]])
def test_unknown_interpolations_are_refused(names):
    with pytest.raises(ValueError, match="must be of"):
        Downscale(0.5, names)


@pytest.mark.parametrize("scale", [0, 1.5])
def test_it_never_enlarges(scale):
    with pytest.raises(ValueError, match="within"):
        Downscale(scale)
