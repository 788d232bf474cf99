import pytest
import torch

from facsimile.models.code_discriminator import CodeDiscriminator
from facsimile.models.patch_discriminator import PatchDiscriminator, receptive_field, strides_for


@pytest.mark.parametrize("patch_size", [3, 8, 12, 16, 28, 32])
def test_a_patch_answer_sees_about_its_patch(patch_size):
    assert abs(receptive_field(strides_for(patch_size)) - patch_size) <= 1


def test_receptive_field_is_what_an_answer_depends_on():
    torch.manual_seed(0)
    net = PatchDiscriminator(64, 16, width=4)
    x = torch.rand(1, 3, 64, 64, requires_grad=True)
    net(x)[0][0, 0, 4, 4].backward()
    seen = x.grad[0].abs().sum(0) > 0
    rows = seen.any(1).nonzero().flatten()
    assert len(rows) == receptive_field(strides_for(16))


@pytest.mark.parametrize("resolution", [64, 96, 128, 224])
def test_pixels_are_answered_at_full_size(resolution):
    patches, pixels = PatchDiscriminator(resolution, width=2)(
        torch.rand(1, 3, resolution, resolution)
    )
    assert pixels.shape == (1, 1, resolution, resolution)
    assert patches.shape[-1] <= resolution / 4


def test_every_parameter_of_the_patch_net_matters():
    net = PatchDiscriminator(32, width=4)
    sum(answer.square().sum() for answer in net(torch.rand(2, 3, 32, 32))).backward()
    assert all(p.grad.any() for p in net.parameters())


def test_code_net_has_the_layers_of_its_side():
    counts = {side: sum(isinstance(m, torch.nn.Conv2d) for m in CodeDiscriminator(4, side, 2))
              for side in (6, 8, 16)}  # fmt: skip
    assert counts == {6: 2, 8: 3, 16: 4}
    [logits] = CodeDiscriminator(4, 16, 2)(torch.rand(3, 4, 16, 16))
    assert logits.shape[:2] == (3, 1)
