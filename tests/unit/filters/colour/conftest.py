import numpy as np
import pytest


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture, one of other colours, and weights that leave the outer part out."""
    rng = np.random.default_rng(3)
    image = rng.uniform(0.3, 0.6, (24, 24, 3)).astype(np.float32)
    reference = (rng.uniform(0.4, 0.55, (24, 24, 3)) * [1.0, 0.8, 0.7]).astype(np.float32)
    mask = np.zeros((24, 24), np.float32)
    mask[6:18, 6:18] = rng.uniform(0.2, 1, (12, 12))
    return image, reference, mask


@pytest.fixture
def clouds() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two pictures whose channels go together in different ways, and weights."""
    rng = np.random.default_rng(1)
    draws = 0.06 * rng.standard_normal((2, 4096, 3))
    image = draws[0] @ np.array([[1, 0.6, 0.2], [0, 0.8, 0.3], [0, 0, 0.5]]) + [0.5, 0.4, 0.5]
    reference = draws[1] @ np.array([[0.6, 0, -0.3], [0.2, 1, 0.5], [0, 0, 0.7]]) + [0.6, 0.45, 0.4]
    mask = rng.uniform(0.2, 1, (64, 64)).astype(np.float32)
    shape = (64, 64, 3)
    return image.reshape(shape).astype("f4"), reference.reshape(shape).astype("f4"), mask
