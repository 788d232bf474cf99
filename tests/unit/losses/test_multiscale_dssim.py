import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from facsimile.losses.multiscale_dssim import MultiscaleDSSIM, multiscale_dssim, windows_for


def images(size, count=1):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, count, 3, size, size, generator=generator)


def ssim(x, y, window, sigma=1.5):
    """Wang 2004 with any window, even ones too, which skimage does not have."""
    ticks = np.exp(-((np.arange(window) - (window - 1) / 2) ** 2) / (2 * sigma**2))
    kernel = np.outer(ticks, ticks) / ticks.sum() ** 2
    mean = lambda image: convolve2d(image, kernel, mode="valid")  # noqa: E731
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return ((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean()


@pytest.mark.parametrize(
    ("resolution", "windows"), [(64, (5,)), (96, (8,)), (128, (11,)), (256, (22, 11))]
)
def test_windows_are_deepfacelabs(resolution, windows):
    assert windows_for(resolution) == windows


@pytest.mark.parametrize("windows", [(5,), (8,), (11, 5)])
def test_agrees_with_the_formula(windows):
    preds, target = images(24)
    x, y = (image[0].double().numpy() for image in (preds, target))
    expected = np.mean([(1 - ssim(x[c], y[c], window)) / 2 for window in windows for c in range(3)])
    assert float(multiscale_dssim(preds, target, windows)) == pytest.approx(expected, abs=1e-5)


def test_the_windows_follow_the_resolution():
    preds, target = images(64)
    expected = multiscale_dssim(preds, target, (5,))
    assert torch.equal(MultiscaleDSSIM()(preds, target), expected)


def test_an_even_window_weighs_the_middle_most():
    _, target = images(32)
    middle, corner = target.clone(), target.clone()
    middle[..., 12:20, 12:20] = 0.5
    corner[..., :8, :8] = 0.5
    term = MultiscaleDSSIM(windows=[8], outside=0.0)
    assert float(term(corner, target)) < 0.1 * float(term(middle, target))
