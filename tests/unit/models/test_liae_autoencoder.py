from itertools import product

import pytest
import torch

from facsimile.models.liae_autoencoder import LIAEAutoencoder

OPTIONS = ("pixel_norm", "double_resolution", "deep", "cosine")
COMBINATIONS = [dict(zip(OPTIONS, on, strict=True)) for on in product((False, True), repeat=4)]
DIMS, DEEP_DIMS = (512, 256, 128), (512, 512, 256, 128)


def tiny(**sizes):
    torch.manual_seed(0)
    dims = (8, 8, 6, 4) if sizes.get("deep") else (8, 6, 4)
    return LIAEAutoencoder(
        **{"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8}
        | {"decoder_dims": dims}
        | sizes
    )


def letters(options):
    return "".join("udtc"[OPTIONS.index(name)] for name, on in options.items() if on) or "plain"


def built(*sizes):
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in LIAEAutoencoder(*sizes).parameters())


def test_parameters_of_deepfacelabs_default(deepfacelab_count):
    found = built(128, 64, 256, 512, DIMS, 22, True, True)
    assert found == 82_376_555 == pytest.approx(82.4e6, rel=0.03)
    assert found == deepfacelab_count("liae", 128, 64, 256, 64, 22, double=True)


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_parameters_with_every_option(double, deep, deepfacelab_count):
    dims = DEEP_DIMS if deep else DIMS
    found = built(128, 64, 256, 512, dims, 22, False, double, deep)
    assert found == deepfacelab_count("liae", 128, 64, 256, 64, 22, double, deep)


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_shapes_ranges_and_a_gradient_for_every_parameter(options):
    net, x = tiny(mask_dim=2, resolution=64, **options), torch.rand(3, 3, 64, 64)
    outputs = [*net(x, "src"), *net(x, "dst")]
    assert [tuple(output.shape[1:]) for output in outputs] == 2 * [(3, 64, 64), (1, 64, 64)]
    assert all(output.min() >= 0 and output.max() <= 1 for output in outputs)
    sum(output.square().mean() for output in outputs).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_no_mask_decoder():
    image, mask = tiny(resolution=48)(torch.rand(2, 3, 48, 48), "dst")
    assert image.shape == (2, 3, 48, 48) and mask is None


def test_a_resolution_that_does_not_halve_is_refused():
    with pytest.raises(ValueError, match="multiple of 32 with double_resolution or deep"):
        tiny(resolution=48, deep=True)


@pytest.mark.parametrize("identity", ["src", "dst"])
def test_src_is_ab_twice_and_dst_is_b_before_ab(identity):
    """In DeepFaceLab's order, whoever is in the picture."""
    net, x, seen = tiny(mask_dim=2), torch.rand(2, 3, 32, 32), []
    for decoder in (net.image, net.mask):
        decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    net(x, identity)
    features = net.encoder(x)
    first = {"src": net.inter_ab, "dst": net.inter_b}[identity](features)
    expected = torch.cat([first, net.inter_ab(features)], dim=1)
    assert len(seen) == 2 and all(torch.equal(code, expected) for code in seen)
    assert not torch.equal(net.inter_ab(features), net.inter_b(features))


def test_b_learns_from_dst_alone():
    net = tiny()
    net(torch.rand(2, 3, 32, 32), "src")[0].mean().backward()
    assert all(p.grad is None for p in net.inter_b.parameters())
    assert all(p.grad is not None for p in net.inter_ab.parameters())


def test_forward_is_encode_then_decode_and_the_code_is_ab():
    net, x = tiny(), torch.rand(2, 3, 32, 32)
    assert torch.equal(net(x, "dst")[0], net.decode(net.encode(x), "dst")[0])
    assert torch.equal(net.code(x), net.inter_ab(net.encode(x)))


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_signals_keep_their_size_at_initialisation(options):
    torch.manual_seed(0)
    dims = (64, 64, 48, 24) if options["deep"] else (64, 48, 24)
    net = LIAEAutoencoder(decoder_dims=dims, **options)
    x = torch.rand(4, 3, 64, 64)
    assert 0.1 < net.code(x).std() < 10
    assert net(x, "src")[0].std() > 0.02 and net(x, "dst")[0].std() > 0.02


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_channels_last_gives_the_same_and_bf16_nearly(options):
    net, x = tiny(mask_dim=2, **options), torch.rand(2, 3, 32, 32)
    expected = net(x, "dst")
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    for found, wanted in zip(net(x, "dst"), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        low = net(x, "dst")
    for found, wanted in zip(low, expected, strict=True):
        assert found.dtype == torch.bfloat16
        assert (found.float() - wanted).abs().mean() < 0.04
