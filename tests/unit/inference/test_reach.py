import pytest
import torch
from torch import nn
from torch.nn import functional

from facsimile.inference.reach import measured_reach
from facsimile.models.r2unet import R2UNet


class Strided(nn.Module):
    """Pools by 4, blurs over 3 and enlarges: 4 + 3 pixels to either side of a cell."""

    stride = 4

    def forward(self, x):
        small = functional.avg_pool2d(functional.max_pool2d(x, 4), 3, 1, 1)
        return x + functional.interpolate(small, scale_factor=4)


class Repair(nn.Module):
    """Looks around only where a pixel is white, and there as far as 9 pixels."""

    stride = 1

    def forward(self, x):
        mean = functional.avg_pool2d(x, 19, 1, 9)
        return torch.where(x.amin(1, keepdim=True) > 0.999, mean, x)


class Channels(nn.Module):
    """Weighs channels by their mean over all of the image."""

    stride = 1

    def forward(self, x):
        return x * x.mean((2, 3), keepdim=True)


class Doubled(nn.Module):
    stride = 1

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 5, padding=2)

    def forward(self, x):
        return functional.pixel_shuffle(self.conv(x), 2)


@pytest.mark.parametrize(
    ("net", "reach"),
    [
        (nn.Conv2d(3, 3, 1), 0),
        (nn.Conv2d(3, 3, 7, padding=3), 3),
        (nn.Conv2d(3, 3, (1, 9), padding=(0, 4)), 4),
        (nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=64, dilation=64) for _ in range(3))), 192),
        (Strided(), 4),
        (Repair(), 9),
        (Doubled(), 2),
        (Channels(), None),
    ],
    ids=lambda one: type(one).__name__,
)
def test_reach_is_what_the_structure_says(net, reach):
    torch.manual_seed(0)
    if not isinstance(getattr(net, "stride", None), int):  # a convolution has one of its own
        net.stride = 1
    assert measured_reach(net.eval()) == reach


@torch.inference_mode()
def test_what_lies_beyond_the_reach_changes_nothing():
    torch.manual_seed(0)
    net = R2UNet((4, 8, 16)).eval()
    reach = measured_reach(net)
    assert 20 < reach < 100
    x = torch.rand(1, 3, 8, 400)
    other = x.clone()
    other[..., 200:] = torch.rand(1, 3, 8, 200)
    differs = (net(x) - net(other)).abs().amax((0, 1, 2))
    assert differs[: 200 - reach].max() < 1e-6
    assert differs[200 - reach : 200].max() > 1e-6
