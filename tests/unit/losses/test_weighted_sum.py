import pytest
import torch
from torch import nn

from facsimile.losses.weighted_sum import WeightedSum


def test_adds_what_its_losses_say():
    preds, target = torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 3, 2, 2)
    loss = WeightedSum([nn.L1Loss(), nn.MSELoss()], [2.0, 10.0])
    assert float(loss(preds, target)) == pytest.approx(2 * 0.5 + 10 * 0.25)


def test_wants_a_weight_for_every_loss():
    with pytest.raises(ValueError, match="2 losses need as many weights, not 1"):
        WeightedSum([nn.L1Loss(), nn.MSELoss()], [1.0])
