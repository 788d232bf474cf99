import numpy as np
import pytest
from skimage.exposure import adjust_gamma

from facsimile.degradations.low_light import LowLight


@pytest.mark.parametrize(("gamma", "gain"), [(1.5, 1.0), (3.0, 0.6)])
def test_it_is_a_gain_after_a_gamma(detailed, gamma, gain):
    darker = LowLight(gamma, gain)(detailed, np.random.default_rng(0))
    oracle = adjust_gamma(detailed / 255, gamma, gain) * 255
    assert np.abs(darker - oracle).max() <= 0.51


def test_it_never_brightens(detailed):
    for wrong in ({"gamma": 0.9}, {"gamma": 2, "gain": 1.1}):
        with pytest.raises(ValueError, match="within"):
            LowLight(**wrong)
    darker = LowLight([1, 3], [0.5, 1])(detailed, np.random.default_rng(0))
    assert (darker <= detailed).all()
