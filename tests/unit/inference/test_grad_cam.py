import cv2
import numpy as np
import pytest
import torch
from torch import nn

from facsimile.inference.grad_cam import grad_cam, laid_over
from facsimile.models.frequency_net import FrequencyNet
from facsimile.models.meso4 import Meso4


class TwoMaps(nn.Module):
    """The first map is red and speaks for a fake, the second is green and speaks against it."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Identity()
        self.weights = nn.Parameter(torch.tensor([3.0, -2.0]))

    def forward(self, x):
        return (self.maps(x[:, :2]).mean(dim=(2, 3)) * self.weights).sum(1)


@pytest.fixture
def faces():
    faces = torch.zeros(2, 3, 8, 8)
    faces[0, 0, 1:3, 1:3], faces[0, 1, 5:7, 5:7] = 1.0, 1.0
    faces[1, 1] = 1.0
    return faces


def test_what_speaks_for_a_fake_is_warm(faces):
    net = TwoMaps()
    logits, heat = grad_cam(net, faces)
    torch.testing.assert_close(logits, net(faces).detach())
    assert torch.equal(heat[0], faces[0, 0])
    assert heat[1].max() == 0  # all of it speaks against


def test_the_definition_on_a_net_with_small_maps():
    torch.manual_seed(0)
    net = Meso4(64).eval()
    faces = torch.rand(2, 3, 64, 64)
    kept = net.late(net.early(faces)).detach().requires_grad_()
    net.head(kept).sum().backward()
    wanted = (kept.grad.mean(dim=(2, 3), keepdim=True) * kept).sum(1).clamp(min=0).detach()
    _, heat = grad_cam(net, faces)
    for own, small in zip(heat, wanted, strict=True):
        large = cv2.resize(small.numpy(), (64, 64), interpolation=cv2.INTER_LINEAR)
        np.testing.assert_allclose(own, large / large.max(), atol=1e-4)


@pytest.mark.parametrize("net", [FrequencyNet(width=4), Meso4(32)], ids=["frequency", "meso4"])
def test_maps_are_as_large_as_faces_and_leave_the_net_as_it_was(net):
    net.eval()
    faces = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        before = net(faces)
    for _ in range(2):
        with torch.no_grad():
            logits, heat = grad_cam(net, faces)
    assert heat.shape == (1, 32, 32) and heat.min() >= 0 and heat.max() <= 1
    torch.testing.assert_close(logits, before)
    assert not net.maps._forward_hooks
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_cold_place_keeps_its_pixels():
    face = np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8)
    heat = np.zeros((6, 6), np.float32)
    heat[2, 3] = 1
    shown = laid_over(face, heat)
    changed = (shown != face).any(axis=2)
    assert changed[2, 3] and changed.sum() == 1
    assert shown[2, 3, 0] > 140 + 0  # inferno ends in a pale yellow
