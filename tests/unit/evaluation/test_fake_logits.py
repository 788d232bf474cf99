import numpy as np
import torch
from torch import nn

from facsimile.evaluation.fake_logits import fake_logits


class Redness(nn.Module):
    """A logit that is the mean of red less that of blue, 0..1."""

    def forward(self, images):
        means = images.mean((2, 3))
        return means[:, 0] - means[:, 2]


def test_a_logit_for_each_face_in_rgb():
    squares = np.zeros((3, 8, 8, 3), np.uint8)
    squares[1, ..., 0] = 255
    squares[2, ..., 2] = 51
    logits = fake_logits(Redness().eval(), squares)
    assert logits.dtype == np.float64
    np.testing.assert_allclose(logits, [0, 1, -0.2], atol=1e-6)


def test_nothing_is_kept_for_gradients():
    net = nn.Sequential(nn.Flatten(), nn.Linear(48, 1), nn.Flatten(0))
    assert isinstance(fake_logits(net, np.zeros((2, 4, 4, 3), np.uint8)), np.ndarray)
    assert all(weight.grad is None for weight in net.parameters()) and torch.is_grad_enabled()
