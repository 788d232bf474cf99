from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from skimage.metrics import structural_similarity

from facsimile.errors import UserError
from facsimile.losses.ellipse import ellipse_weights
from facsimile.losses.eyes_mouth import EyesMouth
from facsimile.losses.mask import MaskMSE
from facsimile.losses.multiscale_dssim import MultiscaleDSSIM
from facsimile.losses.pixel_error import PixelError
from facsimile.losses.swap import SwapLoss
from facsimile.losses.true_face import TrueFace
from facsimile.models.code_discriminator import CodeDiscriminator

CONF = Path(__file__).resolve().parents[3] / "conf"


def l1(weight=1.0, outside=1.0):
    return PixelError(torch.nn.L1Loss(reduction="none"), weight, outside)


def mse(weight=1.0):
    return PixelError(torch.nn.MSELoss(reduction="none"), weight)


def images(count=2, size=32):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, count, 3, size, size, generator=generator)


def quick(window=11, outside=0.15):
    """What conf/loss/swap.yaml composes."""
    dssim = MultiscaleDSSIM(1.0, windows=[window], outside=outside)
    return SwapLoss({"dssim": dssim, "l1": l1(1.0, outside), "mask": MaskMSE()})


def test_nothing_to_lose_when_identical():
    preds, _ = images()
    assert float(quick()(preds, None, preds)) == pytest.approx(0, abs=1e-6)


def test_dssim_part_agrees_with_skimage():
    preds, target = images(1)
    loss = SwapLoss({"dssim": MultiscaleDSSIM(1.0, windows=[11])})(preds, None, target)
    x, y = (image[0].permute(1, 2, 0).numpy().astype(np.float64) for image in (preds, target))
    similarity = structural_similarity(
        x, y, data_range=1, channel_axis=2, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False,
    )  # fmt: skip
    assert float(loss) == pytest.approx((1 - similarity) / 2, abs=1e-4)


def test_weighs_structure_and_colour_by_the_ellipse():
    """The first form of this loss, written out."""
    preds, target = images()
    from facsimile.losses.dssim import ssim_map

    weights = ellipse_weights(32, 0.15)
    inner, error = weights[5:-5, 5:-5], (preds - target).abs().mean(dim=(0, 1))
    similarity = ssim_map(preds, target, 11).mean(dim=(0, 1))
    expected = (1 - (similarity * inner).sum() / inner.sum()) / 2
    expected = expected + (error * weights).sum() / weights.sum()
    assert float(quick()(preds, None, target)) == pytest.approx(float(expected), rel=1e-6)


def test_terms_are_weighted_and_those_that_weigh_nothing_are_left_out():
    preds, target = images()
    terms = {"l1": l1(2.0), "mse": mse(3.0), "eyes": EyesMouth(0.0)}
    loss = SwapLoss(terms)
    expected = 2 * (preds - target).abs().mean() + 3 * (preds - target).square().mean()
    assert float(loss(preds, None, target)) == pytest.approx(float(expected), rel=1e-5)
    assert set(loss.terms) == {"l1", "mse"}


def test_a_loss_of_nothing_is_none():
    with pytest.raises(ValueError, match="at least one term"):
        SwapLoss({"l1": l1(0.0), "mse": mse(0.0)})


def test_mask_is_compared_with_the_fourth_channel():
    preds, _ = images()
    target = torch.cat([preds, torch.ones(2, 1, 32, 32)], dim=1)
    loss = SwapLoss({"mask": MaskMSE(4.0)})(preds, torch.full((2, 1, 32, 32), 0.5), target)
    assert float(loss) == pytest.approx(1.0, abs=1e-5)


def test_a_mask_without_one_to_learn_from_is_told():
    preds, target = images()
    with pytest.raises(UserError, match=r"task\.data_module\.masks=true"):
        quick()(preds, torch.full((2, 1, 32, 32), 0.5), target)


def test_masked_training_ignores_what_is_outside():
    preds = images(size=64)[0]
    mask = torch.zeros(2, 1, 64, 64)
    mask[..., 16:48, 16:48] = 1
    target = torch.cat([preds, mask], dim=1)
    elsewhere, inside = preds.clone(), preds.clone()
    elsewhere[..., :8, :] = 0
    inside[..., 24:32, 24:32] = 0
    loss = SwapLoss({"l1": l1(), "dssim": MultiscaleDSSIM()}, masked=True)
    assert float(loss(elsewhere, None, target)) == pytest.approx(0, abs=1e-5)
    assert float(loss(inside, None, target)) > 0.01


def test_half_precision_preds_are_compared_in_full():
    preds, target = images()
    target = torch.cat([target, torch.rand(2, 1, 32, 32)], dim=1)
    loss = SwapLoss({"dssim": MultiscaleDSSIM(), "mse": mse()}, masked=True)
    expected = float(loss(preds.bfloat16().float(), None, target))
    with torch.autocast("cpu", torch.bfloat16):
        assert float(loss(preds.bfloat16(), None, target)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", ["swap", "swap_dfl"])
def test_nothing_adversarial_or_perceptual_unless_asked(loss):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        chosen = compose("config", [f"loss={loss}"]).loss
    assert set(chosen.terms) <= {"dssim", "l1", "mse", "mask", "eyes_mouth"}
    assert chosen.true_face is None


def test_codes_cost_nothing_unless_asked():
    codes = torch.rand(2, 2, 6, 8, 8)
    plain = SwapLoss({"l1": l1()})
    assert float(plain.of_codes(*codes)) == 0 and not list(plain.parameters())
    true_face = TrueFace(partial(CodeDiscriminator, width=4)).for_codes(6, 8)
    adverse = SwapLoss({"l1": l1()}, true_face=true_face)
    assert float(adverse.of_codes(*codes).detach()) > 0 and list(adverse.parameters())
