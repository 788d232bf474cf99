"""What holds for both families of swap autoencoders, with every combination of their options."""

import pytest
import torch
from tests.tiny_nets import COMBINATIONS, DEEP_DIMS, DIMS, count_parameters, letters, tiny_net

from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder

FAMILIES = pytest.mark.parametrize("family", [DFAutoencoder, LIAEAutoencoder])
EVERY_OPTION = pytest.mark.parametrize("options", COMBINATIONS, ids=letters)


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("family", "name", "inter_dim"), [(DFAutoencoder, "df", 256), (LIAEAutoencoder, "liae", 512)]
)
def test_parameters_with_every_option(family, name, inter_dim, double, deep, deepfacelab_count):
    dims = DEEP_DIMS if deep else DIMS
    found = count_parameters(family, 128, 64, 256, inter_dim, dims, 22, False, double, deep)
    assert found == deepfacelab_count(name, 128, 64, 256, 64, 22, double, deep)


@FAMILIES
@EVERY_OPTION
def test_shapes_ranges_and_a_gradient_for_every_parameter(family, options):
    net, x = tiny_net(family, mask_dim=2, resolution=64, **options), torch.rand(3, 3, 64, 64)
    outputs = [*net(x, "src"), *net(x, "dst")]
    assert [tuple(output.shape[1:]) for output in outputs] == 2 * [(3, 64, 64), (1, 64, 64)]
    assert all(output.min() >= 0 and output.max() <= 1 for output in outputs)
    sum(output.square().mean() for output in outputs).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@FAMILIES
@EVERY_OPTION
def test_signals_keep_their_size_at_initialisation(family, options):
    """He's initialisation: neither vanishing nor exploding through the layers."""
    torch.manual_seed(0)
    dims = (64, 64, 48, 24) if options["deep"] else (64, 48, 24)
    net = family(decoder_dims=dims, **options)
    x = torch.rand(4, 3, 64, 64)
    assert 0.1 < net.code(net.encode(x)).std() < 10
    assert net(x, "src")[0].std() > 0.02 and net(x, "dst")[0].std() > 0.02


@FAMILIES
@EVERY_OPTION
@pytest.mark.parametrize("identity", ["src", "dst"])
def test_channels_last_gives_the_same_and_bf16_nearly(family, options, identity):
    net, x = tiny_net(family, mask_dim=2, **options), torch.rand(2, 3, 32, 32)
    expected = net(x, identity)
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    for found, wanted in zip(net(x, identity), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        low = net(x, identity)
    for found, wanted in zip(low, expected, strict=True):
        assert found.dtype == torch.bfloat16
        assert (found.float() - wanted).abs().mean() < 0.04
