import numpy as np

from facsimile.filters.no_op import no_op


def test_a_copy(photo):
    same = no_op(photo)
    assert np.array_equal(same, photo)
    assert same is not photo
