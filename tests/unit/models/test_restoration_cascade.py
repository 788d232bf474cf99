from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from tests.photographs import photograph

from facsimile.inference.reach import measured_reach
from facsimile.models.restoration_cascade import RestorationCascade

CONF = Path(__file__).resolve().parents[3] / "conf"


def tiny(**options):
    torch.manual_seed(0)
    return RestorationCascade(8, (1, 1), 8, (1, 2), 4, **options)


def learnt(net):
    """As after some steps: nothing is 0 any more."""
    torch.manual_seed(1)
    for parameter in net.parameters():
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    return net


def test_is_no_larger_than_the_papers_network():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        net = instantiate(compose("config", ["model=restoration_cascade"]).model)
    assert sum(p.numel() for p in net.parameters()) == 121_755 <= 134_067


def asleep(net):
    """It sees neither blur nor shadow."""
    for parameter in net.coarse.parameters():
        torch.nn.init.zeros_(parameter)
    return net


def test_repairs_pixels_and_leaves_the_rest_alone():
    image = 0.1 + 0.8 * torch.rand(1, 3, 32, 32)
    net = asleep(tiny())
    torch.testing.assert_close(net(image), image, rtol=0, atol=1e-6)
    noisy = image.clone()
    noisy[..., 5, 7] = 1
    changed = (net(noisy) != noisy).any(1)[0]
    assert changed.nonzero().tolist() == [[5, 7]]


def test_undoes_a_blur_as_wide_as_it_takes_it_for():
    """By a photograph's kind of detail, blurred by OpenCV."""
    rows, columns = np.mgrid[:64, :64]
    image = np.float32(0.5 + 0.2 * np.sin(rows / 2) + 0.2 * np.cos(columns / 3))
    soft = cv2.GaussianBlur(image, (0, 0), 1.8, borderType=cv2.BORDER_REFLECT_101)
    net = asleep(tiny()).eval()
    net.coarse.bias.data[0] = 5 / 4  # the fifth of `blurs` is 1.8
    restored = net(torch.from_numpy(soft).expand(1, 3, 64, 64))[0, 0].detach().numpy()
    inner = np.s_[8:-8, 8:-8]
    assert np.abs(restored - image)[inner].mean() < 0.1 * np.abs(soft - image)[inner].mean()


def test_a_new_one_sharpens_what_is_blurred_and_nothing_else():
    image = photograph(7)
    soft = cv2.GaussianBlur(image, (0, 0), 2.4, borderType=cv2.BORDER_REFLECT_101)
    net = tiny().eval()
    with torch.inference_mode():
        of_soft, of_sharp = (net(levels(one)) for one in (soft, image))
    assert psnr(of_soft, levels(image)) > psnr(levels(soft), levels(image)) + 2
    assert psnr(of_sharp, levels(image)) > 45


def levels(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255


def psnr(preds, target):
    return float(-10 * torch.log10((preds - target).square().mean()))


def test_doubts_the_width_while_it_learns_too_narrow_and_too_wide_by_turns():
    net, blurred = asleep(tiny(doubt=0.1)), torch.rand(1, 3, 24, 40).expand(4, -1, -1, -1)
    net.coarse.bias.data[0] = 5 / 4
    sure = net.eval()(blurred)
    net.coarse.bias.data[0] = 5 / 4 * 0.9
    narrow = net(blurred)
    net.coarse.bias.data[0] = 5 / 4
    doubted = net.train()(blurred)
    torch.testing.assert_close(doubted[::2], narrow[::2], rtol=0, atol=1e-4)
    change = [(one - sure[0]).abs().mean() for one in doubted]
    assert min(change) > 1e-3 and torch.equal(doubted[1], doubted[3])


@pytest.mark.parametrize("size", [(16, 16), (37, 53), (112, 92), (3, 2), (1, 1)])
def test_keeps_any_size(size):
    assert learnt(tiny()).eval()(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_every_parameter_learns():
    net = learnt(tiny())
    noisy = torch.rand(2, 3, 32, 32)
    noisy[..., ::5, ::5] = 1
    net(noisy).square().mean().backward()
    still = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_a_gain_lifts_all_colours_alike():
    net, image = asleep(tiny()), 0.1 + 0.3 * torch.rand(1, 3, 32, 32)
    torch.nn.init.constant_(net.light.bias, 1.5)
    torch.testing.assert_close(net(image), image * torch.tensor(1.5).exp(), rtol=1e-5, atol=1e-6)


def test_sees_no_further_than_tiles_can_overlap():
    assert 32 < measured_reach(learnt(tiny()).eval()) < 512


def test_does_not_depend_on_the_rest_of_the_batch():
    net, images = learnt(tiny()).eval(), torch.rand(3, 3, 24, 40)
    torch.testing.assert_close(net(images)[1:2], net(images[1:2]), rtol=0, atol=1e-5)
