"""What is true of every net that restores images, and of what they share."""

import cv2
import numpy as np
import pytest
import torch

from facsimile.inference.checkpoint import load_net
from facsimile.models.dncnn import DnCNN
from facsimile.models.nafnet import NAFNet
from facsimile.models.r2unet import R2UNet
from facsimile.models.residual import pad_to_multiple, residual_head, restored
from facsimile.models.unet import UNet

SMALL = {
    R2UNet: {"widths": [4, 8, 16]},
    NAFNet: {"width": 4, "encoder": [1, 2], "middle": 1, "decoder": [1, 1]},
    UNet: {"widths": [4, 8, 16]},
    DnCNN: {"depth": 4, "width": 8},
}
SIZES = [(16, 16), (37, 53), (112, 90), (3, 2), (1, 1)]


def small(kind, **changes):
    """A net with weights, running statistics and residual scales of a trained one's kind."""
    torch.manual_seed(0)
    net = kind(**SMALL[kind], **changes)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if name.endswith(("beta", "gamma")):
                parameter.normal_()
    net.train()(torch.rand(4, 3, 32, 32))
    return net.eval()


def nothing(x):
    return torch.zeros(len(x), 12, *x.shape[-2:])


@pytest.fixture(params=SMALL, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("size", SIZES)
@torch.inference_mode()
def test_keeps_any_size_times_the_scale(kind, size, scale):
    result = small(kind, scale=scale)(torch.rand(2, 3, *size))
    assert result.shape == (2, 3, scale * size[0], scale * size[1])


@pytest.mark.parametrize("scale", [1, 2])
@torch.inference_mode()
def test_adds_to_the_image(kind, scale):
    net = small(kind, scale=scale)
    torch.nn.init.zeros_(net.head.weight)
    torch.nn.init.zeros_(net.head.bias)
    image = torch.rand(1, 3, 11, 14)
    wanted = cv2.resize(image[0].permute(1, 2, 0).numpy(), None, fx=scale, fy=scale)
    np.testing.assert_allclose(net(image)[0].permute(1, 2, 0), wanted, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 2])
def test_the_gradient_reaches_every_parameter(kind, scale):
    net = small(kind, scale=scale).train()
    result = net(torch.rand(2, 3, 18, 22))
    (result - torch.rand_like(result)).square().mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
        # batch normalisation takes away the mean, so R2UNet's biases before it rest near zero
        if not (kind is R2UNet and name.endswith("conv.bias")):
            assert parameter.grad.abs().max() > 0, name


@torch.inference_mode()
def test_an_image_is_restored_alike_whatever_it_is_restored_with(kind):
    net, images = small(kind), torch.rand(3, 3, 21, 18)
    together = net(images)
    assert torch.equal(together, net(images))
    for image, result in zip(images, together, strict=True):
        torch.testing.assert_close(net(image[None])[0], result, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_the_order_of_the_memory_does_not_matter(kind):
    net, image = small(kind), torch.rand(2, 3, 37, 53)
    plain = net(image)
    last = net.to(memory_format=torch.channels_last)
    torch.testing.assert_close(last(image), plain, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_half_precision_is_close(kind):
    net, image = small(kind), torch.rand(1, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        half = net(image).float()
    change = net(image) - image
    assert (half - net(image)).abs().mean() < 0.05 * change.abs().mean()


@pytest.mark.parametrize("scale", [1, 2])
def test_it_is_read_back_from_a_checkpoint(kind, scale, tmp_path):
    net = small(kind, scale=scale)
    arguments = {**SMALL[kind], "scale": scale}
    described = {"_target_": f"{kind.__module__}.{kind.__qualname__}", **arguments}
    weights = {f"net.{name}": value for name, value in net.state_dict().items()}
    meta = {"net": described, "task": "enhancement"}
    torch.save({"state_dict": weights, "facsimile": meta}, tmp_path / "a.ckpt")
    image = torch.rand(1, 3, 9, 14)
    assert torch.equal(load_net(tmp_path / "a.ckpt")[0](image), net(image))


def test_a_scale_below_one_is_refused(kind):
    with pytest.raises(ValueError, match="scale must be at least 1, not 0"):
        kind(scale=0)


@pytest.mark.parametrize(("size", "stride"), [((8, 12), 4), ((9, 14), 4), ((17, 16), 16)])
def test_padding_reflects(size, stride):
    image = torch.rand(1, 2, *size)
    after = [(0, 0), (0, 0), *((0, -side % stride) for side in size)]
    expected = np.pad(image.numpy(), after, mode="reflect")
    np.testing.assert_array_equal(pad_to_multiple(image, stride), expected)


@pytest.mark.parametrize("size", [(1, 1), (2, 16), (16, 5), (8, 16), (16, 8)])
def test_padding_larger_than_the_image_repeats_its_border(size):
    image = torch.rand(1, 2, *size)
    after = [(0, 0), (0, 0), *((0, -side % 16) for side in size)]
    expected = np.pad(image.numpy(), after, mode="edge")
    np.testing.assert_array_equal(pad_to_multiple(image, 16), expected)


def test_a_larger_residual_lies_pixel_by_pixel_where_its_channels_say():
    black = torch.zeros(1, 3, 2, 3)
    change = torch.arange(12.0).view(1, 12, 1, 1).expand(1, 12, 2, 3)
    result = restored(black, lambda _: change, scale=2)
    for colour in range(3):
        tile = 4 * colour + np.array([[0, 1], [2, 3]])
        np.testing.assert_array_equal(result[0, colour], np.tile(tile, (2, 3)))


def test_only_what_was_padded_is_cut_away():
    seen = []

    def change(x):
        seen.append(x.shape)
        return nothing(x) + 1

    result = restored(torch.zeros(2, 3, 5, 7), change, stride=4, scale=2)
    assert seen == [(2, 3, 8, 8)]
    assert torch.equal(result, torch.ones(2, 3, 10, 14))


def test_the_head_has_a_colour_for_every_pixel_of_the_larger_image():
    assert residual_head(5, 3).out_channels == 27
