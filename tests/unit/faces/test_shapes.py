import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.faces import shapes
from facsimile.faces.align import template
from facsimile.faces.components import eyes_mouth_mask
from facsimile.faces.hull import hull_mask
from facsimile.faces.masks import ellipse_mask, tight_mask
from facsimile.faces.quality import pose

FIVE = template(128, 1.6) + [[0, 0], [0, 0], [5, 0], [0, 0], [0, 0]]
DENSE = np.random.default_rng(0).uniform(30, 100, (68, 2))


def test_each_is_the_mask_it_names():
    np.testing.assert_array_equal(
        shapes.tight(FIVE, None, 128), tight_mask(FIVE, 128, pose(FIVE).yaw)
    )
    np.testing.assert_array_equal(shapes.ellipse(FIVE, None, 128), ellipse_mask(128))
    np.testing.assert_array_equal(shapes.whole(FIVE, DENSE, 128), 1)
    np.testing.assert_array_equal(
        shapes.hull(FIVE, DENSE, 128, raise_brows=1.0), hull_mask(DENSE, 128, 1.0)
    )


def test_components_take_the_best_landmarks_there_are():
    five, dense = (shapes.components(FIVE, dense, 128) for dense in (None, DENSE))
    np.testing.assert_array_equal(five, eyes_mouth_mask(FIVE, 128))
    np.testing.assert_array_equal(dense, eyes_mouth_mask(DENSE, 128))


def test_a_hull_of_five_points_is_refused_with_advice():
    with pytest.raises(UserError, match="detector=dlib"):
        shapes.hull(FIVE, None, 128)
