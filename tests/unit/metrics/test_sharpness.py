import numpy as np
import pytest
import torch
from scipy import ndimage
from tests.photographs import photograph

from facsimile.faces import blur
from facsimile.metrics.sharpness import SharpnessRatio, sharpness, sharpness_ratio

GREY = photograph(0, 80)[..., 0]


def laplacian(grey):
    return ndimage.laplace(grey.astype(np.float64), mode="mirror")


def test_of_a_whole_picture_it_is_what_faces_are_selected_by():
    assert sharpness(GREY) == blur.sharpness(GREY)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_equals_scipys_laplacian(kind):
    assert sharpness(GREY.astype(kind)) == pytest.approx(laplacian(GREY).var(), rel=1e-5)
    where = np.zeros(GREY.shape, bool)
    where[10:50, 20:70] = True
    expected = laplacian(GREY)[where].var()
    assert sharpness(GREY.astype(kind), where) == pytest.approx(expected, rel=1e-5)


def test_blurring_takes_sharpness_away():
    soft = ndimage.gaussian_filter(GREY.astype(np.float32), 2)
    assert sharpness_ratio(soft, GREY) < 0.3
    assert np.isnan(sharpness_ratio(GREY, np.full_like(GREY, 9)))


def test_the_class_leaves_flat_originals_out():
    flat, edges = torch.zeros(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    metric = SharpnessRatio()
    metric.update(torch.cat([edges, edges]), torch.cat([flat, edges]))
    assert float(metric.compute()) == 1.0 and int(metric.left_out) == 1
