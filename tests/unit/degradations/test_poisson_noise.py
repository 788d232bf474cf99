import numpy as np
import pytest
from scipy.stats import poisson

from facsimile.degradations.poisson_noise import PoissonNoise


@pytest.mark.parametrize(("value", "photons"), [(0.5, 500), (0.7, 50), (0.3, 200)])
def test_photons_of_linear_light_are_counted(value, photons):
    image = np.full((150, 150, 3), value, np.float32)
    noisy = PoissonNoise(photons)(image, np.random.default_rng(0)).astype(float)
    counts = noisy**2.2 * photons
    assert np.abs(counts - np.rint(counts)).max() < 0.02
    mean = value**2.2 * photons
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(mean, rel=0.03)
    seen = np.mean(np.rint(counts) <= int(mean))
    assert seen == pytest.approx(poisson.cdf(int(mean), mean), abs=0.01)


def test_black_stays_black():
    black = np.zeros((50, 50, 3), np.uint8)
    assert PoissonNoise(100)(black, np.random.default_rng(0)).max() == 0
