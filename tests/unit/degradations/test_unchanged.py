"""The first test sets keep their pixels: results of all recipes rest on them."""

import random

import albumentations
import numpy as np
import pytest

from facsimile.degradations.blur import Blur
from facsimile.degradations.salt_and_pepper import SaltAndPepper
from facsimile.degradations.shadow import Shadow

BEFORE = {
    "salt_and_pepper_5": (
        SaltAndPepper([0.05, 0.05]),
        albumentations.SaltAndPepper((0.05, 0.05), (0.5, 0.5), p=1.0),
    ),
    "salt_and_pepper_10": (
        SaltAndPepper([0.1, 0.1]),
        albumentations.SaltAndPepper((0.1, 0.1), (0.5, 0.5), p=1.0),
    ),
    "blur_2": (Blur([2.0, 2.0]), albumentations.GaussianBlur(0, (2.0, 2.0), p=1.0)),
    "blur": (Blur([0.5, 3.0]), albumentations.GaussianBlur(0, (0.5, 3.0), p=1.0)),
}
# shadow.yaml on a flat 200 of 20x20: every fifth pixel, for the seeds 0, 1 and 2
SHADOWS = [
    [[188, 117, 112, 200], [200, 200, 200, 194], [200, 200, 200, 200], [200, 200, 200, 200]],
    [[200, 200, 200, 145], [200, 200, 166, 68], [200, 200, 176, 197], [200, 200, 200, 200]],
    [[194, 200, 200, 200], [104, 110, 145, 192], [104, 104, 104, 104], [104, 104, 104, 104]],
]


@pytest.mark.parametrize("name", BEFORE)
def test_draws_what_it_drew(image, name):
    degrade, transform = BEFORE[name]
    for seed in range(5):
        rng = np.random.default_rng(seed)
        transform.set_random_state(rng, random.Random(int(rng.integers(2**63))))
        before = transform(image=image)["image"]
        ours = np.random.default_rng(seed)
        assert np.array_equal(degrade(image, ours), before)
        assert ours.bytes(8) == rng.bytes(8)


@pytest.mark.parametrize("seed", range(3))
def test_shadows_lie_where_they_lay(seed):
    flat = np.full((20, 20, 3), 200, np.uint8)
    shaded = Shadow([0.3, 0.6], [0.01, 0.08])(flat, np.random.default_rng(seed))
    assert np.abs(shaded[::5, ::5, 0] - np.array(SHADOWS[seed])).max() <= 1
