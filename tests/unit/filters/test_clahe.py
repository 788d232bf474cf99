import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.exposure import equalize_hist

from facsimile.filters.clahe import clahe
from facsimile.metrics.psnr import psnr


def test_one_tile_without_a_limit_is_histogram_equalisation():
    grey = np.random.default_rng(0).normal(120, 15, (64, 64)).clip(0, 255).astype(np.uint8)
    lightness = rgb2lab(clahe(np.dstack([grey] * 3), clip_limit=0.0, tiles=1))[..., 0]
    expected = 100 * equalize_hist(np.rint(rgb2lab(np.dstack([grey] * 3))[..., 0] * 2.55), 256)
    error = np.abs(lightness - expected)
    # OpenCV rounds lightness to bytes on the way: a step of a full bin is 2
    assert error.mean() < 0.6
    assert error.max() < 5


def test_the_higher_the_limit_the_more_changes_and_colour_stays(photo):
    likeness = [psnr(clahe(photo, limit, 2), photo) for limit in (0.5, 1.0, 2.0)]
    assert 50 > likeness[0] > likeness[1] > likeness[2]
    assert np.abs(rgb2lab(clahe(photo, 0.5, 2))[..., 1:] - rgb2lab(photo)[..., 1:]).mean() < 2


@pytest.mark.parametrize("wrong", [{"clip_limit": -1.0}, {"tiles": 0}])
def test_refuses(photo, wrong):
    with pytest.raises(ValueError, match="limit of 0 or more"):
        clahe(photo, **wrong)
