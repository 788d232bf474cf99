from itertools import product

import pytest
import torch

from facsimile.models.df_autoencoder import DFAutoencoder

OPTIONS = ("pixel_norm", "double_resolution", "deep", "cosine")
COMBINATIONS = [dict(zip(OPTIONS, on, strict=True)) for on in product((False, True), repeat=4)]
DIMS, DEEP_DIMS = (512, 256, 128), (512, 512, 256, 128)


def tiny(**sizes):
    torch.manual_seed(0)
    dims = (8, 8, 6, 4) if sizes.get("deep") else (8, 6, 4)
    return DFAutoencoder(
        **{"resolution": 32, "encoder_dim": 4, "code_dim": 16, "inter_dim": 8}
        | {"decoder_dims": dims}
        | sizes
    )


def letters(options):
    return "".join("udtc"[OPTIONS.index(name)] for name, on in options.items() if on) or "plain"


def built(*sizes):
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in DFAutoencoder(*sizes).parameters())


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
    assert built(64, 24, 192, 96, (64, 48, 24)) == expected == 2_824_998


@pytest.mark.parametrize(
    ("sizes", "expected", "millions"),
    [
        ((128, 64, 256, 256, DIMS, 22), 57_538_432, 57.5),
        ((128, 64, 256, 256, DIMS, 22, True, True), 54_470_998, 54.5),
        ((96, 64, 128, 128, DIMS, 16, True, True), 38_294_330, 38.3),  # Quick96
    ],
)
def test_parameters_of_deepfacelabs_defaults(sizes, expected, millions, deepfacelab_count):
    resolution, e, ae, _, _, m, *ud = sizes
    assert built(*sizes) == expected == pytest.approx(millions * 1e6, rel=0.03)
    assert expected == deepfacelab_count("df", resolution, e, ae, 64, m, double=bool(ud))


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_parameters_with_every_option(double, deep, deepfacelab_count):
    dims = DEEP_DIMS if deep else DIMS
    found = built(128, 64, 256, 256, dims, 22, False, double, deep)
    assert found == deepfacelab_count("df", 128, 64, 256, 64, 22, double, deep)


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_shapes_ranges_and_a_gradient_for_every_parameter(options):
    net, x = tiny(mask_dim=2, resolution=64, **options), torch.rand(3, 3, 64, 64)
    outputs = [*net(x, "src"), *net(x, "dst")]
    assert [tuple(output.shape[1:]) for output in outputs] == 2 * [(3, 64, 64), (1, 64, 64)]
    assert all(output.min() >= 0 and output.max() <= 1 for output in outputs)
    sum(output.square().mean() for output in outputs).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("resolution", [16, 32, 48])
def test_no_mask_decoder_and_the_smallest_sides(resolution):
    image, mask = tiny(resolution=resolution)(torch.rand(2, 3, resolution, resolution), "dst")
    assert image.shape == (2, 3, resolution, resolution) and mask is None


def test_a_resolution_or_widths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        tiny(resolution=40)
    with pytest.raises(ValueError, match="multiple of 32 with double_resolution or deep"):
        tiny(resolution=48, double_resolution=True)
    with pytest.raises(ValueError, match="decoder_dims must be 4 widths with deep"):
        tiny(deep=True, decoder_dims=(8, 6, 4))


def test_decoders_belong_to_one_person_and_the_encoder_to_both():
    net = tiny()
    net(torch.rand(2, 3, 32, 32), "src")[0].mean().backward()
    touched = {name.split(".")[1] for name, p in net.named_parameters() if p.grad is not None}
    assert "src" in touched and "dst" not in touched
    assert all(p.grad is not None for part in (net.encoder, net.inter) for p in part.parameters())


def test_forward_is_encode_then_decode_and_the_code_is_what_is_decoded():
    net, x = tiny(mask_dim=2), torch.rand(2, 3, 32, 32)
    for whole, parts in zip(net(x, "src"), net.decode(net.encode(x), "src"), strict=True):
        assert torch.equal(whole, parts)
    assert torch.equal(net.code(x), net.encode(x))


def test_every_option_changes_the_image():
    x = torch.rand(2, 3, 32, 32)
    images = [tiny(**options)(x, "src")[0] for options in COMBINATIONS]
    assert len({tuple(image.flatten().tolist()[:8]) for image in images}) == len(COMBINATIONS)


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_signals_keep_their_size_at_initialisation(options):
    """He's initialisation: neither vanishing nor exploding through the layers."""
    torch.manual_seed(0)
    dims = (64, 64, 48, 24) if options["deep"] else (64, 48, 24)
    net = DFAutoencoder(decoder_dims=dims, **options)
    x = torch.rand(4, 3, 64, 64)
    assert 0.1 < net.encode(x).std() < 10
    assert net(x, "src")[0].std() > 0.02


@pytest.mark.parametrize("options", COMBINATIONS, ids=letters)
def test_channels_last_gives_the_same_and_bf16_nearly(options):
    net, x = tiny(mask_dim=2, **options), torch.rand(2, 3, 32, 32)
    expected = net(x, "src")
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    for found, wanted in zip(net(x, "src"), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        low = net(x, "src")
    for found, wanted in zip(low, expected, strict=True):
        assert found.dtype == torch.bfloat16
        assert (found.float() - wanted).abs().mean() < 0.04
