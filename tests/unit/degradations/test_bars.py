import numpy as np
import pytest

from facsimile.degradations.bars import Bars

WHITE = np.ones((200, 200, 3), np.float32)


def shaded(seed=0, **settings):
    given = {"spacing": 0.1, "width": 0.5, "factor": 0.4, "angle": 0, "softness": 0.02}
    return Bars(**(given | settings))(WHITE, np.random.default_rng(seed))


@pytest.mark.parametrize("width", [0.2, 0.5, 0.7])
def test_the_share_in_the_shadow_is_the_width(width):
    light = shaded(width=width)
    assert ((1 - light) / 0.6).mean() == pytest.approx(width, abs=0.02)
    assert light.min() == pytest.approx(0.4)
    assert light.max() == 1


@pytest.mark.parametrize(("angle", "axis"), [(0, 1), (90, 0)])
def test_bars_lie_at_their_angle_and_spacing(angle, axis):
    light = shaded(angle=angle)[..., 0]
    assert np.ptp(light, axis=axis).max() < 1e-6
    profile = light.mean(axis=axis)
    spectrum = np.abs(np.fft.rfft(profile - profile.mean()))
    assert spectrum.argmax() == 10
