import pytest
import torch

from facsimile.models.dncnn import DnCNN


# .67 million as published for colour; merging the normalisation leaves a bias a channel
@pytest.mark.parametrize(("depth", "parameters"), [(20, 668_227), (17, 557_443)])
def test_is_as_large_as_published(depth, parameters):
    merged = sum(p.numel() for p in DnCNN(depth).parameters()) - (depth - 2) * 64
    assert merged == parameters


def test_has_convolutions_at_both_ends():
    with pytest.raises(ValueError, match="depth must be at least 2, not 1"):
        DnCNN(depth=1)
    assert sum(isinstance(m, torch.nn.Conv2d) for m in DnCNN(depth=2, width=4).modules()) == 2


def test_a_pixel_sees_as_far_as_it_is_deep():
    torch.manual_seed(0)
    net = DnCNN(depth=5, width=16).eval()
    image = torch.rand(1, 3, 31, 31, requires_grad=True)
    net(image)[0, :, 15, 15].sum().backward()
    rows = image.grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
    assert (int(rows.min()), int(rows.max())) == (10, 20)
