import pytest
import torch

from facsimile.models.unet import UNet


def counted(widths):
    """Parameters by hand: a convolution without bias and two numbers a channel after it."""
    conv = lambda a, b: 9 * a * b + 2 * b  # noqa: E731
    double = lambda a, b: conv(a, b) + conv(b, b)  # noqa: E731
    down = sum(double(a, b) for a, b in zip((3, *widths), widths, strict=False))
    pairs = list(zip(widths, widths[1:], strict=False))
    up = sum(4 * a * b + a + double(2 * a, a) for a, b in pairs)
    return down + up + 9 * 3 * widths[0] + 3


@pytest.mark.parametrize("widths", [(16, 32, 64), (8, 16), (64, 128, 256, 512, 1024)])
def test_counts_its_parameters(widths):
    with torch.device("meta"):
        assert sum(p.numel() for p in UNet(widths).parameters()) == counted(widths)


def test_is_31_million_at_ronnebergers_widths():
    # the original, without normalisation and with biases in its place: 31.03 million
    assert counted((64, 128, 256, 512, 1024)) / 31.03e6 == pytest.approx(1, abs=0.001)


def test_sides_need_to_be_divisible_by_what_the_levels_halve():
    assert UNet((4, 8, 16, 16)).stride == 8
    assert UNet((4,)).stride == 1


@torch.inference_mode()
def test_skips_carry_what_pooling_loses():
    torch.manual_seed(0)
    net = UNet((8, 16)).eval()
    torch.nn.init.zeros_(net.up[0].weight)  # the smaller features no longer count
    image = torch.rand(1, 3, 16, 16)
    other = image.clone()
    other[..., 8, 8] = 0
    rows = (net(image) - net(other)).abs().amax(dim=(0, 1, 3)).nonzero().flatten()
    assert (int(rows.min()), int(rows.max())) == (3, 13)  # five convolutions at full size
