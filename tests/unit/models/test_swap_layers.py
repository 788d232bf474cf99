import math

import pytest
import torch
from torch import nn

from facsimile.models.swap_layers import Cosine, Down, Res, SubpixelHead, Up, he_initialise


def test_down_halves_and_up_shuffles_channels_into_space():
    assert Down(3, 5)(torch.rand(1, 3, 16, 16)).shape == (1, 5, 8, 8)
    up = Up(2, 1)
    nn.init.zeros_(up[0].weight)
    up[0].bias.data = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert up(torch.rand(1, 2, 1, 1))[0, 0].tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_res_without_weights_is_its_activation():
    res = Res(2)
    for parameter in res.parameters():
        nn.init.zeros_(parameter)
    x = torch.tensor([-1.0, 2.0]).reshape(1, 2, 1, 1)
    torch.testing.assert_close(res(x).flatten(), torch.tensor([-0.2, 2.0]))


def test_cosine():
    x = torch.linspace(-4, 4, 9)
    expected = torch.tensor([value * math.cos(value) for value in x.tolist()])
    torch.testing.assert_close(Cosine()(x), expected)


@pytest.mark.parametrize("block", [Down, Up, lambda i, o, cosine: Res(i, cosine)])
def test_cosine_replaces_every_leaky_relu(block):
    kinds = {type(module) for module in block(4, 4, cosine=True).modules()}
    assert Cosine in kinds and nn.LeakyReLU not in kinds


def test_the_head_interleaves_its_convolutions_as_deepfacelab_does():
    """Depth to space in order (row, column, channel), written out position by position."""
    torch.manual_seed(0)
    head, x = SubpixelHead(5, 3), torch.randn(2, 5, 4, 6)
    nhwc = torch.cat([phase(x) for phase in head.phases], dim=1).permute(0, 2, 3, 1)
    shuffled = nhwc.reshape(2, 4, 6, 2, 2, 3).permute(0, 1, 3, 2, 4, 5).reshape(2, 8, 12, 3)
    torch.testing.assert_close(head(x), shuffled.permute(0, 3, 1, 2), rtol=0, atol=0)


def test_only_the_upper_left_phase_of_the_head_sees_no_neighbours():
    head = SubpixelHead(1, 1)
    for parameter in head.parameters():
        nn.init.ones_(parameter)
    x = torch.zeros(1, 1, 5, 5)
    x[0, 0, 2, 2] = 1
    seen = (head(x)[0, 0] > 1).reshape(5, 2, 5, 2).sum(dim=(0, 2))
    assert seen.tolist() == [[1, 9], [9, 9]]


def test_he_initialisation():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(64, 256, 3), nn.Linear(4096, 64))
    he_initialise(net)
    assert net[0].weight.std().item() == pytest.approx(math.sqrt(2 / 1.01 / (64 * 9)), rel=0.02)
    assert net[1].weight.std().item() == pytest.approx(math.sqrt(1 / 4096), rel=0.02)
    assert not net[0].bias.any() and not net[1].bias.any()
