"""A smooth picture with some structure, away from black and white."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter


@pytest.fixture
def image():
    rng = np.random.default_rng(7)
    smooth = gaussian_filter(rng.random((70, 61, 3)) * 255, (4, 4, 0))
    spread = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return (40 + 170 * spread).astype(np.uint8)


@pytest.fixture
def detailed():
    """The same size, but with edges: bright and dark squares with a little texture."""
    rng = np.random.default_rng(8)
    squares = np.kron(rng.random((12, 12, 3)), np.ones((6, 6, 1)))[:70, :61]
    return (30 + 180 * squares + 15 * rng.random((70, 61, 1))).astype(np.uint8)
