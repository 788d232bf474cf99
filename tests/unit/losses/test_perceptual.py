import pytest
import torch
from torchvision.models import get_model

from facsimile.errors import UserError
from facsimile.losses.perceptual import MEAN, STD, Perceptual


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "squeezenet.pth"
    torch.save(get_model("squeezenet1_1", weights=None).state_dict(), path)
    return path


def images():
    return torch.rand(2, 2, 3, 48, 48, generator=torch.Generator().manual_seed(0))


def test_nothing_to_lose_when_identical(weights):
    preds, _ = images()
    assert float(Perceptual(weights)(preds, preds)) == 0


def test_is_the_cosine_of_the_features(weights):
    preds, target = images()
    net = get_model("squeezenet1_1", weights=None)
    net.requires_grad_(False).load_state_dict(torch.load(weights, weights_only=True))
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (MEAN, STD))
    expected = 0.0
    for layer in (1, 4):
        x, y = (net.features[: layer + 1]((image - mean) / std) for image in (preds, target))
        # |a - b|^2 = 2 - 2 cos of unit vectors
        expected += float((2 - 2 * torch.cosine_similarity(x, y, dim=1)).mean())
    loss = Perceptual(weights, layers=[1, 4])(preds, target)
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_the_net_only_looks(weights):
    preds, target = images()
    term = Perceptual(weights).train()
    preds.requires_grad_()
    term(preds, target).backward()
    assert preds.grad.any()
    assert not term.features.training
    assert not any(p.requires_grad for p in term.parameters())


@pytest.mark.parametrize("kind", ["none", "absent", "other"])
def test_without_its_weights_it_says_what_to_give(kind, tmp_path):
    path = None if kind == "none" else tmp_path / "x.pth"
    if kind == "other":
        torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(UserError, match=r"loss\.terms\.perceptual\.weights=FILE"):
        Perceptual(path)
