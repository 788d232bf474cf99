import pytest
import torch
from tests.tiny_nets import DIMS, count_parameters, tiny_net

from facsimile.models.liae_autoencoder import LIAEAutoencoder


def tiny(**sizes):
    return tiny_net(LIAEAutoencoder, **sizes)


def built(*sizes):
    return count_parameters(LIAEAutoencoder, *sizes)


def test_parameters_of_deepfacelabs_default(deepfacelab_count):
    found = built(128, 64, 256, 512, DIMS, 22, True, True)
    assert found == 82_376_555 == pytest.approx(82.4e6, rel=0.03)
    assert found == deepfacelab_count("liae", 128, 64, 256, 64, 22, double=True)


def test_no_mask_decoder():
    image, mask = tiny(resolution=48)(torch.rand(2, 3, 48, 48), "dst")
    assert image.shape == (2, 3, 48, 48) and mask is None


def test_a_resolution_that_does_not_halve_is_refused():
    with pytest.raises(ValueError, match="multiple of 32 with double_resolution or deep"):
        tiny(resolution=48, deep=True)


@pytest.mark.parametrize("identity", ["src", "dst"])
def test_src_is_ab_twice_and_dst_is_b_before_ab(identity):
    """In DeepFaceLab's order, whoever is in the picture."""
    net, x, seen = tiny(mask_dim=2), torch.rand(2, 3, 32, 32), []
    for decoder in (net.image, net.mask):
        decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    net(x, identity)
    features = net.encoder(x)
    first = {"src": net.inter_ab, "dst": net.inter_b}[identity](features)
    expected = torch.cat([first, net.inter_ab(features)], dim=1)
    assert len(seen) == 2 and all(torch.equal(code, expected) for code in seen)
    assert not torch.equal(net.inter_ab(features), net.inter_b(features))


def test_b_learns_from_dst_alone():
    net = tiny()
    net(torch.rand(2, 3, 32, 32), "src")[0].mean().backward()
    assert all(p.grad is None for p in net.inter_b.parameters())
    assert all(p.grad is not None for p in net.inter_ab.parameters())


def test_forward_is_encode_then_decode_and_the_code_is_ab():
    net, x = tiny(), torch.rand(2, 3, 32, 32)
    assert torch.equal(net(x, "dst")[0], net.decode(net.encode(x), "dst")[0])
    assert torch.equal(net.code(net.encode(x)), net.inter_ab(net.encode(x)))
