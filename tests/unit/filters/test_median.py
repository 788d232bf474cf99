import numpy as np
import pytest
from skimage.filters import median as oracle

from facsimile.filters.median import median


@pytest.mark.parametrize("size", [3, 5])
def test_agrees_with_skimage(size):
    image = np.random.default_rng(0).integers(0, 256, (15, 17, 3), np.uint8)
    theirs = [oracle(image[..., c], np.ones((size, size)), mode="nearest") for c in range(3)]
    assert np.array_equal(median(image, size), np.stack(theirs, axis=2))


@pytest.mark.parametrize("size", [1, 4])
def test_refuses_a_window_without_a_middle(size):
    with pytest.raises(ValueError, match="odd and at least 3"):
        median(np.zeros((5, 5, 3), np.uint8), size)
