import pytest
import torch
from torch import nn

from facsimile.models.df_autoencoder import DFAutoencoder, Down, Up


def tiny(**sizes):
    torch.manual_seed(0)
    return DFAutoencoder(
        **{"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8}
        | {"decoder_dims": (8, 6, 4)}
        | sizes
    )


def test_parameter_count_by_hand():
    def conv(channels_in, channels_out, side):
        return channels_in * channels_out * side**2 + channels_out

    encoder = conv(3, 24, 5) + conv(24, 48, 5) + conv(48, 96, 5) + conv(96, 192, 5)
    dense = (16 * 192 * 192 + 192) + (192 * 16 * 96 + 16 * 96)
    decoder = sum(
        conv(before, 4 * after, 3) + 2 * conv(after, after, 3)
        for before, after in ((96, 64), (64, 48), (48, 24))
    ) + conv(24, 3, 1)
    expected = encoder + dense + conv(96, 4 * 96, 3) + 2 * decoder
    net = DFAutoencoder(64, 24, 192, 96, (64, 48, 24))
    assert sum(p.numel() for p in net.parameters()) == expected == 2_824_998


@pytest.mark.parametrize("resolution", [32, 48, 64])
@pytest.mark.parametrize("mask_dim", [None, 2])
def test_shapes_and_range(resolution, mask_dim):
    net = tiny(resolution=resolution, mask_dim=mask_dim)
    image, mask = net(torch.rand(2, 3, resolution, resolution), "dst")
    assert image.shape == (2, 3, resolution, resolution)
    assert image.min() >= 0 and image.max() <= 1
    if mask_dim is None:
        assert mask is None
    else:
        assert mask.shape == (2, 1, resolution, resolution)


def test_a_resolution_that_does_not_halve_four_times_is_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        tiny(resolution=40)


def test_gradient_reaches_every_parameter():
    net = tiny(mask_dim=2)
    x = torch.rand(3, 3, 32, 32)
    outputs = [*net(x, "src"), *net(x, "dst")]
    sum(output.square().mean() for output in outputs).backward()
    dead = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert dead == []


def test_decoders_belong_to_one_person_and_the_encoder_to_both():
    net = tiny()
    net(torch.rand(2, 3, 32, 32), "src")[0].mean().backward()
    touched = {name.split(".")[1] for name, p in net.named_parameters() if p.grad is not None}
    assert "src" in touched and "dst" not in touched
    assert all(p.grad is not None for p in net.encoder.parameters())


def test_forward_is_encode_then_decode():
    net, x = tiny(), torch.rand(2, 3, 32, 32)
    assert torch.equal(net(x, "src")[0], net.decode(net.encode(x), "src")[0])


def test_signals_keep_their_size_at_initialisation():
    """He's initialisation: neither vanishing nor exploding through the eight layers."""
    torch.manual_seed(0)
    net = DFAutoencoder()
    code = net.encode(torch.rand(8, 3, 64, 64))
    assert 0.1 < code.std() < 10
    assert net(torch.rand(8, 3, 64, 64), "src")[0].std() > 0.02


def test_down_halves_and_up_shuffles_channels_into_space():
    assert Down(3, 5)(torch.rand(1, 3, 16, 16)).shape == (1, 5, 8, 8)
    up = Up(2, 1)
    nn.init.zeros_(up[0].weight)
    up[0].bias.data = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert up(torch.rand(1, 2, 1, 1))[0, 0].tolist() == [[1.0, 2.0], [3.0, 4.0]]
