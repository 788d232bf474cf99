import cv2
import numpy as np
import pytest
import torch

from facsimile.models.detail_bands import DetailBands, blurred, gaussian

SIGMAS = (0.6, 1.0, 1.5, 2.2, 3.3, 5.0)


def test_each_blur_is_as_wide_as_it_says():
    """By OpenCV's Gaussian of that width, though blurs are made of one another."""
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    bands, smoothest = DetailBands(SIGMAS)(torch.from_numpy(image).permute(2, 0, 1)[None])
    left = torch.cat([bands, smoothest[:, None]], 1).flip(1).cumsum(1).flip(1)[0, 1:]
    for sigma, ours in zip(SIGMAS[1:], left[1:], strict=True):
        wanted = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
        inner = np.s_[20:-20, 20:-20]
        np.testing.assert_allclose(ours.permute(1, 2, 0).numpy()[inner], wanted[inner], atol=8e-3)


def test_bands_and_the_rest_are_the_image_and_their_weights_undo_a_blur():
    rng = np.random.default_rng(1)
    sharp = cv2.GaussianBlur(rng.random((96, 96, 3)), (0, 0), 1.5)
    soft = torch.from_numpy(cv2.GaussianBlur(sharp, (0, 0), 2.0)).permute(2, 0, 1)[None].float()
    wanted = torch.from_numpy(sharp).permute(2, 0, 1)[None].float()
    bands, rest = DetailBands(SIGMAS)(soft)
    torch.testing.assert_close(bands.sum(1) + rest, soft, rtol=0, atol=1e-6)
    columns = bands[0].flatten(1).T
    weights = torch.linalg.lstsq(columns, (wanted - soft).flatten()[:, None]).solution
    better = soft + (columns @ weights).view_as(soft)
    gain = (soft - wanted).square().mean() / (better - wanted).square().mean()
    assert 10 * gain.log10() > 8  # dB


def test_flat_images_have_no_detail():
    bands, rest = DetailBands((1.0, 4.0))(torch.full((1, 3, 5, 7), 0.3))
    assert float(bands.abs().max()) < 1e-6 and torch.allclose(rest, torch.tensor(0.3))


@pytest.mark.parametrize("sigmas", [(), (0.0, 1.0), (2.0, 1.0), (1.0, 1.0)])
def test_widths_must_ascend(sigmas):
    with pytest.raises(ValueError, match="must ascend"):
        DetailBands(sigmas)


def test_a_gaussian_sums_to_one_and_spreads_as_it_says():
    taps = gaussian(1.7)
    places = torch.arange(len(taps)) - len(taps) // 2
    assert float(taps.sum()) == pytest.approx(1)
    assert float((taps * places**2).sum().sqrt()) == pytest.approx(1.7, rel=0.02)


def test_channels_are_blurred_apart():
    image = torch.zeros(1, 2, 9, 9)
    image[:, 1] = 1
    assert torch.equal(blurred(image, gaussian(1.0))[:, 0], image[:, 0])


def test_in_bfloat16_too_detail_is_exact():
    image = torch.rand(1, 3, 16, 16)
    exact, rest = DetailBands(SIGMAS)(image)
    with torch.autocast("cpu", torch.bfloat16):
        bands, smooth = DetailBands(SIGMAS)(image)
    assert torch.equal(bands, exact) and torch.equal(smooth, rest)
