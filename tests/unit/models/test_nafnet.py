from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from scipy.ndimage import correlate

from facsimile.models.nafnet import ChannelNorm, NAFBlock, NAFNet

CONF = Path(__file__).resolve().parents[3] / "conf"
# millions of parameters, as published with the paper's weights
PUBLISHED = {
    "nafnet_sidd32": 29.16,
    "nafnet_sidd64": 115.98,
    "nafnet_gopro32": 17.11,
    "nafnet_gopro64": 67.89,
}


def count(name):
    with initialize_config_dir(str(CONF), version_base="1.3"), torch.device("meta"):
        net = instantiate(compose("config", [f"model={name}"]).model)
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(("name", "millions"), PUBLISHED.items())
def test_presets_are_as_large_as_published(name, millions):
    assert count(name) / 1e6 == pytest.approx(millions, abs=0.005)


def test_the_default_is_no_larger_than_the_papers_network():
    assert 0.99 * 134_067 < count("nafnet") <= 134_067
    assert count("nafnet") == sum(p.numel() for p in NAFNet().parameters())


def test_encoder_and_decoder_have_as_many_levels():
    with pytest.raises(ValueError, match="as many levels as the encoder, 2, not 1"):
        NAFNet(encoder=(1, 1), decoder=(1,))


def test_levels_are_counted_from_full_size_down():
    net = NAFNet(4, encoder=(1, 2), middle=3, decoder=(4, 5))
    assert [len(blocks) for blocks in (*net.encoder, net.middle, *net.decoder)] == [1, 2, 3, 4, 5]
    assert [blocks[0].beta.numel() for blocks in (*net.encoder, *net.decoder)] == [4, 8, 4, 8]
    assert net.stride == 4


def test_normalises_each_pixel():
    torch.manual_seed(0)
    norm, x = ChannelNorm(6), torch.randn(2, 6, 3, 5) * 3 + 1
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    weight, bias = (p.detach().view(-1, 1, 1) for p in norm.parameters())
    mean, variance = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
    expected = (x - mean) / (variance + 1e-6).sqrt() * weight + bias
    torch.testing.assert_close(norm(x), expected, rtol=0, atol=1e-5)


def test_a_new_block_changes_nothing():
    x = torch.rand(2, 4, 5, 7)
    assert torch.equal(NAFBlock(4)(x), x)


def normalised(x):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-6)


def linear(conv, x):
    weight, bias = conv.weight.detach().double().numpy(), conv.bias.detach().double().numpy()
    return np.einsum("oi,ihw->ohw", weight[:, :, 0, 0], x) + bias[:, None, None]


def depthwise(conv, x):
    kernels = conv.weight.detach().double().numpy()[:, 0]
    channels = [correlate(c, k, mode="constant") for c, k in zip(x, kernels, strict=True)]
    return np.stack(channels) + conv.bias.detach().double().numpy()[:, None, None]


def gate(x):
    return x[: len(x) // 2] * x[len(x) // 2 :]


@pytest.mark.parametrize("attention", [True, False])
def test_a_block_computes_the_papers_equations(attention):
    torch.manual_seed(0)
    block, x = NAFBlock(4, attention), torch.rand(1, 4, 6, 5)
    torch.nn.init.normal_(block.beta)
    torch.nn.init.normal_(block.gamma)
    beta, gamma = (p.detach().double().numpy() for p in (block.beta, block.gamma))
    image = x[0].double().numpy()
    mixed = gate(depthwise(block.mix[2], linear(block.mix[1], normalised(image))))
    if attention:
        mixed = mixed * linear(block.mix[4].conv, mixed.mean((1, 2), keepdims=True))
    y = image + beta * linear(block.mix[5], mixed)
    expected = y + gamma * linear(block.feed[3], gate(linear(block.feed[1], normalised(y))))
    np.testing.assert_allclose(block(x)[0].detach().numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("attention", [True, False])
@torch.inference_mode()
def test_without_attention_far_pixels_are_left_alone(attention):
    torch.manual_seed(0)
    net = NAFNet(4, (1, 1), 1, (1, 1), attention)
    for name, parameter in net.named_parameters():
        if name.endswith(("beta", "gamma")):
            torch.nn.init.ones_(parameter)
    image = torch.rand(1, 3, 128, 16)
    other = image.clone()
    other[..., 120:, :] = 0
    far = (net(image) - net(other))[..., :64, :].abs().max()
    assert (far > 1e-6) if attention else (far == 0)


@torch.inference_mode()
def test_skips_carry_what_halving_loses():
    torch.manual_seed(0)
    net = NAFNet(8, (0, 0), 1, (0, 0))
    for up in net.up:
        torch.nn.init.zeros_(up[0].weight)  # the smaller features no longer count
    image = torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(net(image), image + net.head(net.intro(image)), rtol=0, atol=1e-6)
