import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facsimile.degradations.blur import Blur
from facsimile.degradations.chain import Chain
from facsimile.degradations.random_subset import RandomSubset
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.degradations.shadow import Shadow


@pytest.mark.parametrize("amount", [0.05, 0.1])
def test_salt_and_pepper_hits_the_share_of_pixels(image, amount):
    noisy = SaltAndPepper([amount, amount])(image, np.random.default_rng(0))
    hit = (noisy != image).any(axis=-1)
    assert hit.mean() == pytest.approx(amount, abs=0.001)
    values, counts = np.unique(noisy[hit], axis=0, return_counts=True)
    assert values.tolist() == [[0, 0, 0], [255, 255, 255]]
    assert counts[0] == pytest.approx(counts[1], abs=1)


def test_blur_is_the_gaussian_it_says(image):
    blurred = Blur([2.0, 2.0])(image, np.random.default_rng(0))
    oracle = gaussian_filter(image.astype(float), (2, 2, 0), mode="mirror")
    assert np.abs(blurred - oracle).max() <= 1.5


def test_shadow_darkens_one_part_and_leaves_another():
    image = np.full((64, 64, 3), 200, np.uint8)
    for seed in range(30):
        shaded = Shadow([0.5, 0.5], [0.01, 0.08])(image, np.random.default_rng(seed))
        assert shaded.max() == 200
        assert 100 <= shaded.min() <= 150
        assert 0.02 < (shaded < 190).mean() < 0.98


def test_shadow_lies_anywhere():
    image = np.full((32, 32, 3), 200, np.uint8)
    shaded = [Shadow()(image, np.random.default_rng(seed)) for seed in range(60)]
    often = np.mean([one[..., 0] < 180 for one in shaded], axis=0)
    assert often.min() > 0.1
    assert often.max() < 0.9


def test_shadow_edges_are_soft():
    image = np.full((64, 64, 3), 200, np.uint8)
    hard, soft = (Shadow([0.5, 0.5], [s, s])(image, np.random.default_rng(1)) for s in (0.0, 0.1))
    assert len(np.unique(hard)) < 20 < len(np.unique(soft))


def test_chain_goes_in_order(image):
    parts = [Shadow([0.5, 0.5]), SaltAndPepper([0.1, 0.1])]
    rng = np.random.default_rng(5)
    one_by_one = parts[1](parts[0](image, rng), rng)
    assert np.array_equal(Chain(parts)(image, np.random.default_rng(5)), one_by_one)


def test_subset_draws_each_number_as_often_as_it_should():
    def mark(channel):
        def degrade(image, rng):
            image[..., channel] = 1
            return image

        return degrade

    subset = RandomSubset([mark(0), mark(1), mark(2)], [0.1, 0.2, 0.3, 0.4])
    image = np.zeros((1, 1, 3), np.uint8)
    marks = [subset(image, np.random.default_rng(s))[0, 0] for s in range(2000)]
    counts = np.bincount(np.sum(marks, axis=1), minlength=4) / 2000
    assert counts == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.04)
    assert np.mean(marks, axis=0) == pytest.approx([2 / 3] * 3, abs=0.04)


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.6, 0.2]])
def test_subset_refuses_weights_that_fit_nothing(weights):
    with pytest.raises(ValueError, match="must be 3 numbers that sum to 1"):
        RandomSubset([Shadow(), Shadow()], weights)
