import hashlib
import sys

import pytest
import torch

from facsimile.models.timm_classifier import TimmClassifier, TimmWeights

TINY = "test_efficientnet"


def test_without_timm_the_message_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ValueError, match="efficientnet_b4 needs timm"):
        TimmClassifier("efficientnet_b4")


@pytest.fixture
def timm():
    return pytest.importorskip("timm")


@pytest.mark.parametrize(
    ("architecture", "parameters"),
    [("legacy_xception", 20_809_001), ("efficientnet_b4", 17_550_409)],
)
def test_is_as_large_as_configured(timm, architecture, parameters):
    with torch.device("meta"):
        assert (
            sum(p.numel() for p in timm.create_model(architecture, num_classes=1).parameters())
            == parameters
        )
    assert architecture in timm.list_models()


def test_it_is_timms_own_net_on_normalised_colours(timm):
    torch.manual_seed(0)
    net = TimmClassifier(TINY).eval()
    faces = torch.rand(2, 3, 64, 64)
    mean, std = (torch.tensor(net.net.pretrained_cfg[k]).view(3, 1, 1) for k in ("mean", "std"))
    wanted = net.net((faces - mean) / std)[:, 0]
    torch.testing.assert_close(net(faces), wanted)


def test_an_unknown_architecture_is_refused(timm):
    with pytest.raises(ValueError, match="timm has no 'nothing'"):
        TimmClassifier("nothing")


@pytest.fixture
def published(timm, tmp_path):
    """A file of 1000 classes, as timm publishes them; its path, hash and tensors."""
    safetensors = pytest.importorskip("safetensors.torch")
    torch.manual_seed(5)
    weights = timm.create_model(TINY, num_classes=1000).state_dict()
    path = tmp_path / "net.safetensors"
    safetensors.save_file(weights, path)
    return path, hashlib.sha256(path.read_bytes()).hexdigest(), weights


def test_published_weights_fill_all_but_the_last_layer(published):
    path, sha256, weights = published
    net = TimmClassifier(TINY)
    own = {k: v.clone() for k, v in net.net.state_dict().items()}
    TimmWeights(path, sha256)(net)
    for key, value in net.net.state_dict().items():
        expected = own if key.startswith("classifier.") else weights
        assert torch.equal(value, expected[key]), key


def test_other_weights_are_refused(published, tmp_path):
    path, sha256, _ = published
    net = TimmClassifier(TINY)
    with pytest.raises(ValueError, match=f"has the SHA-256 {sha256}, not 00"):
        TimmWeights(path, "00")(net)
    with pytest.raises(ValueError, match="there is no"):
        TimmWeights(tmp_path / "absent", sha256)(net)
    with pytest.raises(ValueError, match="another architecture"):
        TimmWeights(path, sha256)(TimmClassifier("test_resnet"))
