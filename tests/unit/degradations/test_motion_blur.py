import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d

from facsimile.degradations.motion_blur import MotionBlur, line_kernel


@pytest.mark.parametrize(("angle", "axis"), [(0, 1), (90, 0), (180, 1)])
def test_along_an_axis_it_is_a_moving_average(detailed, angle, axis):
    blurred = MotionBlur(5, angle)(detailed, np.random.default_rng(0))
    oracle = uniform_filter1d(detailed.astype(float), 5, axis, mode="mirror")
    assert np.abs(blurred - oracle).max() <= 0.51


@pytest.mark.parametrize("length", [2.5, 5.0, 9.0, 16.3])
@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 120.0])
def test_kernel_is_a_centred_line_of_that_length_and_angle(length, angle):
    kernel = line_kernel(length, angle).astype(float)
    reach = len(kernel) // 2
    y, x = -np.mgrid[-reach : reach + 1, -reach : reach + 1] * [[[1]], [[-1]]]
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert [(kernel * x).sum(), (kernel * y).sum()] == pytest.approx([0, 0], abs=0.02)
    turn = np.deg2rad(angle)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    # a line's variance; rounding to pixels adds some
    assert (kernel * along**2).sum() == pytest.approx(length**2 / 12, abs=0.4)
    assert (kernel * across**2).sum() < 0.25


def test_lengths_that_albumentations_confuses_differ():
    assert (line_kernel(3.0, 45.0) > 0).sum() < (line_kernel(5.0, 45.0) > 0).sum()


def test_a_length_of_one_is_no_blur(detailed):
    assert np.array_equal(MotionBlur(1)(detailed, np.random.default_rng(0)), detailed)
