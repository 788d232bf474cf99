import pytest
import torch
from tests.tiny_nets import COMBINATIONS, DIMS, count_parameters, tiny_net

from facsimile.models.df_autoencoder import DFAutoencoder


def tiny(**sizes):
    return tiny_net(DFAutoencoder, **sizes)


def built(*sizes):
    return count_parameters(DFAutoencoder, *sizes)


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
    assert torch.equal(net.code(net.encode(x)), net.encode(x))


def test_every_option_changes_the_image():
    x = torch.rand(2, 3, 32, 32)
    images = [tiny(**options)(x, "src")[0] for options in COMBINATIONS]
    assert len({tuple(image.flatten().tolist()[:8]) for image in images}) == len(COMBINATIONS)
