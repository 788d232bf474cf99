import tracemalloc

import cv2
import numpy as np
import pytest
import torch
from tests.photographs import photograph
from torch import nn
from torch.nn import functional

from facsimile.errors import UserError
from facsimile.inference.enhance import Enhancer
from facsimile.inference.reach import measured_reach
from facsimile.models.r2unet import R2UNet
from facsimile.models.restoration_cascade import RestorationCascade


@pytest.fixture(scope="module")
def net():
    """Random weights, whose running statistics are its own, and that changes a picture a lot."""
    torch.manual_seed(0)
    made = R2UNet((4, 8, 16))
    for _ in range(20):
        made.train()(torch.rand(4, 3, 32, 32))
    with torch.no_grad():
        made.head.weight *= 3
    made.reach = measured_reach(made.eval())  # once for all tests
    return made


def noise(shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@torch.inference_mode()
def whole(net, pixels):
    """The net over all of an image at once, in float."""
    x = torch.from_numpy(pixels.astype(np.float32) / np.iinfo(pixels.dtype).max)
    return net(x.permute(2, 0, 1)[None])[0].permute(1, 2, 0).clamp(0, 1).numpy()


@pytest.mark.parametrize("size", [(203, 301), (64, 500), (300, 37), (257, 256)])
def test_tiles_show_no_seam(net, size):
    pixels = noise((*size, 3), np.uint16)  # fine enough to see what 1/255 is made of
    restored = Enhancer(net, tile=64)(pixels).astype(np.float32) / 65535
    wanted = whole(net, pixels)
    assert np.abs(wanted - pixels / 65535).max() > 0.2  # the net does something
    assert np.abs(restored - wanted).max() < 1e-4  # where 1/255 is asked for


@pytest.mark.parametrize("size", [(203, 301), (257, 256)])
def test_a_net_that_averages_over_cells_shows_no_seam_either(size):
    torch.manual_seed(0)
    net = RestorationCascade(8, (1, 1), 8, (1, 2), 4).eval()
    with torch.no_grad():
        for parameter in (net.light.weight, net.coarse.weight[1:]):  # it sees shadows, too
            parameter.normal_(std=0.1)
    soft = cv2.GaussianBlur(photograph(1, 304)[: size[0], : size[1]], (0, 0), 2.4)
    pixels = soft.astype(np.uint16) * 257
    restored = Enhancer(net, tile=64)(pixels).astype(np.float32) / 65535
    wanted = whole(net, pixels)
    assert np.abs(wanted - pixels / 65535).max() > 0.02
    assert np.abs(restored - wanted).max() < 1e-4


def test_tiles_that_see_too_little_would_show_seams(net):
    pixels = noise((203, 301, 3), np.uint16)
    restored = Enhancer(net, tile=64, overlap=4)(pixels).astype(np.float32) / 65535
    assert np.abs(restored - whole(net, pixels)).max() > 1 / 255


def test_eight_bits_come_out_as_the_whole_image_rounded(net):
    pixels = noise((150, 203, 3))
    restored = Enhancer(net, tile=64)(pixels)
    assert restored.dtype == np.uint8
    wanted = np.rint(whole(net, pixels) * 255)
    assert (restored != wanted).mean() < 1e-4


def test_rows_may_be_overwritten_once_their_band_is_there(net):
    pixels = noise((203, 150, 3))
    wanted = Enhancer(net, tile=64)(pixels)
    for rows, band in Enhancer(net, tile=64).bands(pixels):
        pixels[rows] = band
    assert np.array_equal(pixels, wanted)


def test_memory_is_that_of_a_band_however_high_the_picture_is():
    peaks = []
    for height in (1024, 4096):
        pixels = np.zeros((height, 2000, 3), np.uint8)
        tracemalloc.start()
        for rows, band in Enhancer(nn.Identity(), tile=128, overlap=16).bands(pixels):
            pixels[rows] = band
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] < 0.5 * pixels.nbytes


def test_grey_is_the_luminance_of_what_the_net_makes_of_three_alike(net):
    grey = noise((70, 90, 1))
    restored = Enhancer(net)(grey)
    wanted = whole(net, grey.repeat(3, 2)) @ [0.299, 0.587, 0.114]
    assert restored.shape == (70, 90, 1)
    assert np.abs(restored[..., 0] - wanted * 255).max() <= 0.51


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_passes_by_and_colours_do_not_see_it(net, channels, dtype):
    pixels = noise((70, 90, channels), dtype)
    restored = Enhancer(net, tile=32)(pixels)
    assert restored.dtype == dtype
    assert np.array_equal(restored[..., -1], pixels[..., -1])
    assert np.array_equal(restored[..., :-1], Enhancer(net, tile=32)(pixels[..., :-1]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_net_that_changes_nothing_gives_every_value_back(channels, dtype):
    pixels = np.arange(65536, dtype=np.uint16).astype(dtype).reshape(256, 256, 1)
    pixels = np.ascontiguousarray(pixels.repeat(channels, 2))
    assert np.array_equal(Enhancer(nn.Identity())(pixels), pixels)


def test_bfloat16_is_near(net):
    pixels = noise((70, 90, 3))
    exact = Enhancer(net, tile=32)(pixels).astype(int)
    near = Enhancer(net, tile=32, precision=torch.bfloat16)(pixels)
    assert 0 < np.abs(near - exact).mean() < 2


class Doubled(nn.Module):
    stride = 2

    def forward(self, x):
        small = functional.avg_pool2d(
            functional.pad(x, (0, x.shape[-1] % 2, 0, x.shape[-2] % 2)), 2
        )
        enlarged = functional.interpolate(small, scale_factor=4)
        return enlarged[..., : 2 * x.shape[-2], : 2 * x.shape[-1]]


def test_a_net_that_enlarges_enlarges_alpha_too():
    pixels = noise((71, 91, 4))
    enhancer = Enhancer(Doubled(), tile=32)
    restored = enhancer(pixels)
    assert enhancer.scale == 2
    assert restored.shape == (142, 182, 4)
    assert np.array_equal(restored[..., 3], pixels[..., 3].repeat(2, 0).repeat(2, 1))
    wanted = whole(Doubled(), pixels[..., :3])
    assert np.abs(restored[..., :3] - 255 * wanted).max() < 0.51


@pytest.fixture(scope="module")
def doubling():
    torch.manual_seed(0)
    made = R2UNet((4, 8), scale=2)
    for _ in range(20):
        made.train()(torch.rand(4, 3, 32, 32))
    return made.eval()


@pytest.mark.parametrize("size", [(71, 133), (64, 129), (130, 37)])
def test_tiles_of_a_net_that_enlarges_show_no_seam(doubling, size):
    pixels = noise((*size, 3), np.uint16)
    restored = Enhancer(doubling, tile=32)(pixels).astype(np.float32) / 65535
    assert restored.shape == (2 * size[0], 2 * size[1], 3)
    wanted = whole(doubling, pixels)
    assert np.abs(wanted - (pixels / 65535).repeat(2, 0).repeat(2, 1)).max() > 0.2
    assert np.abs(restored - wanted).max() < 1e-4


PARTS = [(0, 9, 0, 13), (37, 55, 101, 144), (160, 203, 290, 301)]


@pytest.mark.parametrize(("top", "bottom", "left", "right"), PARTS)
def test_a_part_comes_out_as_in_the_whole(net, top, bottom, left, right):
    pixels = noise((203, 301, 3), np.uint16)
    found = Enhancer(net, tile=64).part(pixels, slice(top, bottom), slice(left, right))
    wanted = whole(net, pixels)[top:bottom, left:right]
    assert found.shape == wanted.shape
    assert np.abs(found / 65535 - wanted).max() < 1e-4
    assert np.array_equal(pixels, noise((203, 301, 3), np.uint16))


def test_a_part_of_what_is_enlarged_or_seen_as_a_whole_is_as_well(doubling):
    pixels = noise((90, 130, 3), np.uint16)
    found = Enhancer(doubling).part(pixels, slice(41, 60), slice(7, 30)) / 65535
    assert np.abs(found - whole(doubling, pixels)[82:120, 14:60]).max() < 1e-4
    found = Enhancer(Channels()).part(pixels, slice(41, 60), slice(7, 30)) / 65535
    assert np.abs(found - whole(Channels(), pixels)[41:60, 7:30]).max() < 1e-4


class Channels(nn.Module):
    """Weighs channels by their mean over all of the image."""

    stride = 1

    def forward(self, x):
        return x * x.mean((2, 3), keepdim=True)


def test_a_net_that_looks_at_all_is_given_all_up_to_a_size():
    pixels = noise((100, 100, 3))
    enhancer = Enhancer(Channels(), tile=32)
    assert enhancer.overlap is None
    assert np.abs(enhancer(pixels) - 255 * whole(Channels(), pixels)).max() < 0.51
    with pytest.raises(UserError, match=r"2001 x 2000 .* enhance\.overlap"):
        enhancer(np.zeros((2000, 2001, 3), np.uint8))
    tiled = Enhancer(Channels(), tile=512, overlap=8)(np.zeros((2000, 2001, 3), np.uint8))
    assert tiled.shape == (2000, 2001, 3)


def test_a_reach_that_the_net_states_is_believed():
    class Stated(nn.Identity):
        stride, reach = 1, 5

    assert Enhancer(Stated()).overlap == 5
    assert Enhancer(Stated(), overlap=7).overlap == 7
    assert Enhancer(nn.Identity()).overlap == 0  # measured
