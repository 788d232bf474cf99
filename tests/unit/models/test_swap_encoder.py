import pytest
import torch
from torch import nn

from facsimile.models.swap_encoder import Encoder, Inter, grid_side


@pytest.mark.parametrize(
    ("resolution", "double_resolution", "deep", "side"),
    [(128, False, False, 8), (128, True, False, 4), (128, False, True, 8), (128, True, True, 4)]
    + [(48, False, False, 3), (96, True, False, 3), (640, True, True, 20)],
)
def test_grid(resolution, double_resolution, deep, side):
    assert grid_side(resolution, double_resolution, deep) == side


@pytest.mark.parametrize(
    ("resolution", "double_resolution", "deep", "message"),
    [
        (40, False, False, "multiple of 16, not 40: write 32 or 48"),
        (48, True, False, "multiple of 32 with double_resolution or deep, not 48: write 32 or 64"),
        (80, False, True, "multiple of 32 .*not 80: write 64 or 96"),
        (0, False, False, "not 0: write 16 or 32"),
        (-64, True, True, "not -64: write 32 or 64"),
        (8, False, False, "not 8: write 16 or 32"),
    ],
)
def test_a_resolution_that_cannot_be_halved_is_refused(
    resolution, double_resolution, deep, message
):
    with pytest.raises(ValueError, match=message):
        grid_side(resolution, double_resolution, deep)


@pytest.mark.parametrize(("deep", "features"), [(False, 4 * 4 * 24), (True, 2 * 2 * 24)])
def test_features_are_what_comes_out(deep, features):
    encoder = Encoder(64, 3, deep=deep)
    assert encoder.features == features
    assert encoder(torch.rand(2, 3, 64, 64)).shape == (2, features)


def test_deep_adds_a_down_and_two_res():
    names = [type(layer).__name__ for layer in Encoder(32, 2, deep=True).downs]
    assert names == ["Down", "Res", "Down", "Down", "Down", "Down", "Res"]


@pytest.mark.parametrize("brightness", [0.01, 1.0])
def test_pixel_norm_is_a_root_mean_square_of_one(brightness):
    torch.manual_seed(0)
    normed, plain = Encoder(32, 4, pixel_norm=True), Encoder(32, 4)
    plain.load_state_dict(normed.state_dict())
    x = brightness * torch.rand(3, 3, 32, 32)
    features = plain(x)
    expected = features / (features.square().mean(1, keepdim=True) + 1e-6).sqrt()
    torch.testing.assert_close(normed(x), expected)
    if brightness == 1:
        torch.testing.assert_close(normed(x).square().mean(1), torch.ones(3), rtol=0.01, atol=0)


def test_the_bottleneck_is_linear_and_opens_channel_by_channel():
    torch.manual_seed(0)
    inter, x = Inter(6, 4, 5, side=2, up=False), torch.randn(3, 6)
    middle = x @ inter.squeeze.weight.T + inter.squeeze.bias
    flat = middle @ inter.expand.weight.T + inter.expand.bias
    torch.testing.assert_close(inter(x), flat.reshape(3, 5, 2, 2))


def test_the_bottleneck_ends_with_an_up_of_the_same_channels():
    inter = Inter(6, 4, 5, side=2)
    assert inter(torch.randn(3, 6)).shape == (3, 5, 4, 4)
    assert isinstance(inter.up[0], nn.Conv2d) and inter.up[0].in_channels == 5
