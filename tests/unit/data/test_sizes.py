import numpy as np
import pytest
from PIL import Image as Pictures

from facsimile.data.sizes import at_least, middle, shrunk, stretched


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("size", "scale"), [((12, 16), 2), ((6, 4), 2), ((9, 12), 3)])
def test_shrinking_takes_the_mean_of_each_square(size, scale):
    image = noise(*size)
    height, width = (side // scale for side in size)
    means = image.reshape(height, scale, width, scale, 3).mean((1, 3))
    small = shrunk(image, scale)
    assert small.shape == (height, width, 3) and small.dtype == np.uint8
    assert np.abs(small - means).max() <= 0.5


def test_a_scale_of_one_is_the_image_itself():
    image = noise(5, 7)
    assert np.array_equal(shrunk(image, 1), image)


@pytest.mark.parametrize("size", [(5, 8), (8, 5)])
def test_an_uneven_side_is_not_shrunk(size):
    with pytest.raises(ValueError, match="an uneven side"):
        shrunk(noise(*size), 2)


def test_stretching_agrees_with_another_library():
    image = noise(28, 23)
    expected = Pictures.fromarray(image).resize((64, 64), Pictures.Resampling.BILINEAR)
    difference = np.abs(stretched(image, 64).astype(int) - np.asarray(expected))
    assert difference.max() <= 1


def test_a_small_image_is_reflected_below_and_on_the_right():
    image = noise(3, 4)
    expected = np.pad(image, ((0, 2), (0, 1), (0, 0)), mode="reflect")
    assert np.array_equal(at_least(image, 5), expected)
    assert np.array_equal(at_least(image, 2), image)


def test_the_middle_is_as_far_from_either_side():
    image = noise(10, 14)
    assert np.array_equal(middle(image, 6), image[2:8, 4:10])
