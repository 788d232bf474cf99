"""The small terms: errors of the picture, of the mask, of eyes and mouth."""

import pytest
import torch

from facsimile.errors import UserError
from facsimile.losses.ellipse import ellipse_mean, ellipse_weights
from facsimile.losses.eyes_mouth import EyesMouth
from facsimile.losses.mask import MaskMSE
from facsimile.losses.pixel_error import PixelError


def images(channels=3, size=32):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 2, channels, size, size, generator=generator)


@pytest.mark.parametrize("kind", [torch.nn.L1Loss, torch.nn.MSELoss])
def test_pixel_errors_are_torchs_without_the_ellipse(kind):
    preds, target = images(5)
    expected = kind()(preds[:, :3], target[:, :3])
    term = PixelError(kind(reduction="none"))
    assert float(term(preds, target)) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("kind", [torch.nn.L1Loss, torch.nn.MSELoss])
def test_surroundings_weigh_less(kind):
    _, target = images()
    middle, corner = target.clone(), target.clone()
    middle[..., 14:18, 14:18] += 0.5
    corner[..., :4, :4] += 0.5
    loss = PixelError(kind(reduction="none"), outside=0.15)
    assert float(loss(corner, target)) == pytest.approx(
        0.15 * float(loss(middle, target)), rel=1e-4
    )


def test_ellipse_is_upright_and_symmetric():
    weights = ellipse_weights(64, 0.15)
    assert torch.allclose(weights, weights.flip(0), atol=1e-5)
    assert torch.allclose(weights, weights.flip(1), atol=1e-5)
    assert weights[2, 32] > weights[32, 2]
    assert weights.min() == pytest.approx(0.15) and weights.max() == pytest.approx(1)


def test_a_map_without_an_edge_is_weighed_by_its_middle():
    values = torch.rand(1, 1, 22, 22, generator=torch.Generator().manual_seed(0))
    weights = ellipse_weights(32, 0.15)[5:-5, 5:-5]
    expected = (values * weights).sum() / weights.sum()
    assert float(ellipse_mean(values, 32, 0.15)) == pytest.approx(float(expected), rel=1e-5)


def test_eyes_and_mouth_count_over_the_whole_picture():
    _, target = images(5)
    target[:, 4] = 0
    target[:, 4, 8:12, 4:12] = 1
    preds = target[:, :3] + 0.5
    # 32 of 1024 pixels, each off by .5
    assert float(EyesMouth()(preds, target)) == pytest.approx(0.5 * 32 / 1024, rel=1e-5)


def test_eyes_and_mouth_have_to_be_known():
    preds, target = images(4)
    with pytest.raises(UserError, match="eyes_mouth"):
        EyesMouth()(preds, target)


def test_mask_is_compared_with_the_fourth_channel():
    preds, target = images(4)
    expected = torch.nn.functional.mse_loss(preds[:, 3], target[:, 3])
    assert float(MaskMSE()(preds, target)) == pytest.approx(float(expected), rel=1e-5)


def test_a_net_without_masks_has_none_to_learn():
    preds, target = images()
    assert float(MaskMSE()(preds, target)) == 0
