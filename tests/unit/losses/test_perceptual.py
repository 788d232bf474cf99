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


def term(weights, **changes):
    return Perceptual(**{"resolution": 48, "weights": weights, **changes})


def test_nothing_to_lose_when_identical(weights):
    preds, _ = images()
    assert float(term(weights)(preds, preds)) == 0


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
    loss = term(weights, layers=[1, 4])(preds, target)
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_the_net_only_looks(weights):
    preds, target = images()
    looking = term(weights).train()
    preds.requires_grad_()
    looking(preds, target).backward()
    assert preds.grad.any()
    assert not looking.features.training
    assert not any(p.requires_grad for p in looking.parameters())


@pytest.mark.parametrize("kind", ["absent", "other"])
def test_weights_that_are_none_are_named(kind, tmp_path):
    path = tmp_path / "x.pth"
    if kind == "other":
        torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(UserError, match=r"loss\.terms\.perceptual\.weights=FILE.*/x\.pth"):
        term(path)


def test_without_weights_it_compares_by_an_untrained_net_and_says_so():
    preds, target = images()
    with pytest.warns(UserWarning, match=r"untrained.*loss\.terms\.perceptual\.weights=FILE"):
        first, second = term(None), term(None)
    loss = first(preds.requires_grad_(), target)
    loss.backward()
    assert torch.equal(loss, second(preds, target)) and preds.grad.any()


def test_what_other_nets_draw_is_the_same_with_it(weights):
    torch.manual_seed(0)
    expected = torch.rand(4)
    torch.manual_seed(0)
    term(weights)
    assert torch.equal(torch.rand(4), expected)


@pytest.mark.parametrize("layers", [[], [13], [1, 13], [-1]])
def test_layers_that_the_net_has_not_are_refused(layers, weights):
    with pytest.raises(ValueError, match=r"layers.*0 to 12, not \["):
        term(weights, layers=layers)


def test_a_picture_too_small_for_its_layers_is_refused(weights):
    assert float(term(weights, resolution=16, layers=[7])(*images()[..., :16, :16])) > 0
    with pytest.raises(ValueError, match="16 pixels.* layer 8 .*lower layers"):
        term(weights, resolution=16, layers=[12])


@pytest.mark.parametrize("net", ["resnet18", "no_such_net"])
def test_a_net_without_features_is_refused(net):
    with pytest.raises(ValueError, match=f"{net}.* as squeezenet1_1"):
        term(None, net=net)


def test_only_the_layers_that_are_compared_are_kept(weights):
    assert len(term(weights, layers=[1, 4]).features) == 5
