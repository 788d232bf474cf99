import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from facsimile.losses.frequency import FrequencyLoss, spectral_error


def images(height=12, width=16):
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, height, width, generator=generator) for _ in range(2))


# even and odd widths have other columns that stand for two
@pytest.mark.parametrize("size", [(12, 16), (37, 53), (9, 14), (4, 1), (1, 2)])
def test_is_the_mean_of_the_whole_spectrum(size):
    preds, target = images(*size)
    spectra = (np.fft.fft2(i.double().numpy(), norm="ortho") for i in (preds, target))
    expected = np.abs(np.subtract(*spectra)).mean((1, 2, 3))
    np.testing.assert_allclose(spectral_error(preds, target), expected, rtol=1e-5)
    assert float(FrequencyLoss()(preds, target)) == pytest.approx(expected.mean(), rel=1e-5)


@pytest.mark.parametrize("side", [32, 128])
def test_noise_costs_the_same_at_every_size(side):
    torch.manual_seed(0)
    noise = 0.1 * torch.randn(1, 3, side, side)
    expected = 0.1 * np.sqrt(np.pi) / 2
    assert float(spectral_error(noise, torch.zeros_like(noise))) == pytest.approx(
        expected, rel=0.05
    )


def test_a_blur_costs_more_than_a_shift_of_brightness_with_the_same_squared_error():
    _, target = images(32, 32)
    blurred = torch.from_numpy(gaussian_filter(target.numpy(), (0, 0, 1, 1)))
    brighter = target + (blurred - target).square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    assert (spectral_error(blurred, target) > 10 * spectral_error(brighter, target)).all()


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (4, 5)])
def test_gradient_is_right(place):
    preds, target = (image[:1, :1, :5, :6] for image in images())
    preds = preds.clone().requires_grad_()
    spectral_error(preds, target).sum().backward()
    step = torch.zeros_like(preds)
    step[0, 0, *place] = 1e-2
    with torch.no_grad():
        rise = spectral_error(preds + step, target) - spectral_error(preds - step, target)
    assert float(preds.grad[0, 0, *place]) == pytest.approx(float(rise) / 2e-2, rel=2e-2)


def test_gradient_is_finite_where_nothing_is_wrong():
    preds = torch.zeros(1, 3, 4, 4, requires_grad=True)
    FrequencyLoss()(preds, torch.zeros(1, 3, 4, 4)).backward()
    assert preds.grad.isfinite().all()


def test_autocast_does_not_coarsen_it():
    preds, target = images()
    with torch.autocast("cpu", torch.bfloat16):
        inside = spectral_error(preds, target)
    assert torch.equal(inside, spectral_error(preds, target))
