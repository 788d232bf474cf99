from functools import partial

import numpy as np

from facsimile.filters.chain import chain
from facsimile.filters.median import median
from facsimile.filters.protocol import Filter
from facsimile.filters.unsharp import unsharp_mask

SHARPEN = partial(unsharp_mask, k=1.0, sigma=2.0)


def test_the_first_filter_comes_first(photo):
    expected = SHARPEN(median(photo))
    assert np.array_equal(chain(photo, [median, SHARPEN]), expected)
    assert not np.array_equal(chain(photo, [SHARPEN, median]), expected)


def test_no_filter_copies(photo):
    same = chain(photo, [])
    assert np.array_equal(same, photo)
    assert same is not photo


def test_a_chain_is_a_filter_itself(photo):
    assert isinstance(partial(chain, filters=[median]), Filter)
