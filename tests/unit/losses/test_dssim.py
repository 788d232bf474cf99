import pytest
import torch
from skimage.metrics import structural_similarity

from facsimile.losses.dssim import DSSIM, dssim, gaussian_kernel, ssim_map


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(2, 3, 24, 31, generator=generator)
    return (target + 0.1 * torch.randn(target.shape, generator=generator)).clamp(0, 1), target


@pytest.mark.parametrize("data_range", [1.0, 2.0])
def test_agrees_with_skimage(images, data_range):
    preds, target = images
    ours = dssim(preds, target, data_range=data_range)
    for value, x, y in zip(ours, preds, target, strict=True):
        oracle, full = structural_similarity(
            x.permute(1, 2, 0).double().numpy(), y.permute(1, 2, 0).double().numpy(),
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            data_range=data_range, channel_axis=2, full=True,
        )  # fmt: skip
        valid = full[5:-5, 5:-5].mean()
        assert 1 - 2 * float(value) == pytest.approx(valid, abs=1e-5)


def test_map_covers_whole_windows_only(images):
    assert ssim_map(*images, window=7).shape == (2, 3, 18, 25)


def test_module_is_the_mean_of_the_images(images):
    assert DSSIM()(*images) == pytest.approx(dssim(*images).mean())


def test_gradient_is_right():
    generator = torch.Generator().manual_seed(1)
    preds, target = (torch.rand(1, 1, 6, 6, generator=generator) for _ in range(2))
    preds.requires_grad_()
    dssim(preds, target, window=5).sum().backward()
    step = torch.zeros_like(preds)
    step[0, 0, 2, 3] = 1e-2
    with torch.no_grad():
        rise = dssim(preds + step, target, window=5) - dssim(preds - step, target, window=5)
    assert preds.grad[0, 0, 2, 3] == pytest.approx(float(rise) / 2e-2, rel=2e-2)


def test_autocast_does_not_coarsen_it(images):
    with torch.autocast("cpu", torch.bfloat16):
        inside = dssim(*images)
    assert torch.equal(inside, dssim(*images))


def test_kernel_is_symmetric():
    kernel = gaussian_kernel(11, 1.5)
    assert torch.allclose(kernel, kernel.flip(0))
    assert kernel[5] / kernel[4] == pytest.approx(torch.e ** (0.5 / 1.5**2))
