import numpy as np
import pytest
import skimage.data


@pytest.fixture
def photo():
    """A face, 112x120, from scikit-image's picture of an astronaut."""
    return skimage.data.astronaut()[60:172, 164:284].copy()


@pytest.fixture
def noisy():
    """Adds white noise to an image."""

    def add(image, sigma):
        noise = np.random.default_rng(0).normal(0, sigma, image.shape)
        return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)

    return add
