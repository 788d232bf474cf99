import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from facsimile.errors import UserError
from facsimile.losses.swap import SwapLoss, ellipse_weights


def images(count=2, size=32):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, count, 3, size, size, generator=generator)


def test_nothing_to_lose_when_identical():
    preds, _ = images()
    assert float(SwapLoss()(preds, None, preds)) == pytest.approx(0, abs=1e-6)


def test_dssim_part_agrees_with_skimage():
    preds, target = images(1)
    loss = SwapLoss(dssim=1.0, l1=0.0, outside=1.0)(preds, None, target)
    x, y = (image[0].permute(1, 2, 0).numpy().astype(np.float64) for image in (preds, target))
    similarity = structural_similarity(
        x, y, data_range=1, channel_axis=2, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False,
    )  # fmt: skip
    assert float(loss) == pytest.approx((1 - similarity) / 2, abs=1e-4)


def test_pixel_parts_are_plain_means_without_the_ellipse():
    preds, target = images()
    loss = SwapLoss(dssim=0.0, l1=2.0, mse=3.0, outside=1.0)(preds, None, target)
    expected = 2 * (preds - target).abs().mean() + 3 * (preds - target).square().mean()
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)


def test_surroundings_weigh_less():
    _, target = images()
    middle, corner = target.clone(), target.clone()
    middle[..., 14:18, 14:18] += 0.5
    corner[..., :4, :4] += 0.5
    loss = SwapLoss(dssim=0.0, outside=0.15)
    assert float(loss(corner, None, target)) == pytest.approx(
        0.15 * float(loss(middle, None, target)), rel=1e-4
    )


def test_ellipse_is_upright_and_symmetric():
    weights = ellipse_weights(64, 0.15)
    assert torch.allclose(weights, weights.flip(0), atol=1e-5)
    assert torch.allclose(weights, weights.flip(1), atol=1e-5)
    assert weights[2, 32] > weights[32, 2]
    assert weights.min() == pytest.approx(0.15) and weights.max() == pytest.approx(1)


def test_mask_is_compared_with_the_fourth_channel():
    preds, _ = images()
    target = torch.cat([preds, torch.ones(2, 1, 32, 32)], dim=1)
    loss = SwapLoss(mask=4.0)(preds, torch.full((2, 1, 32, 32), 0.5), target)
    assert float(loss) == pytest.approx(1.0, abs=1e-5)


def test_a_mask_without_one_to_learn_from_is_told():
    preds, target = images()
    with pytest.raises(UserError, match=r"task\.data_module\.masks=true"):
        SwapLoss()(preds, torch.full((2, 1, 32, 32), 0.5), target)


def test_half_precision_preds_are_compared_in_full():
    preds, target = images()
    loss = SwapLoss()(preds.bfloat16(), None, target)
    assert loss.dtype == torch.float32
    assert float(loss) == pytest.approx(float(SwapLoss()(preds, None, target)), rel=1e-2)
