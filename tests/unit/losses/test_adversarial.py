"""The adversarial terms: who learns what, and that it is DeepFaceLab's cross-entropy."""

from functools import partial

import pytest
import torch
from torch import nn

from facsimile.losses.adversarial import adversarial, frozen, taken_for
from facsimile.losses.patch_gan import PatchGAN
from facsimile.losses.true_face import TrueFace
from facsimile.models.code_discriminator import CodeDiscriminator
from facsimile.models.patch_discriminator import PatchDiscriminator


def patches():
    torch.manual_seed(0)
    return PatchDiscriminator(32, width=4)


def pair(channels=3, size=32):
    generator = torch.Generator().manual_seed(1)
    real, fake = torch.rand(2, 2, channels, size, size, generator=generator)
    return real, fake.requires_grad_()


@pytest.mark.parametrize("real", [True, False])
def test_cross_entropy_is_summed_over_the_answers(real):
    logits = [torch.randn(2, 1, 4, 4), torch.randn(2, 1, 8, 8)]
    expected = sum(-torch.log(torch.sigmoid(x if real else -x)).mean() for x in logits)
    assert float(taken_for(logits, real)) == pytest.approx(float(expected), rel=1e-5)


def test_each_side_learns_from_its_own_loss_alone():
    net, (real, fake) = patches(), pair()
    adversarial(net, real, fake, training=True).backward()
    [deceiving] = torch.autograd.grad(taken_for(net(fake), real=True), fake)
    telling = (taken_for(net(real), real=True) + taken_for(net(fake.detach()), real=False)) / 2
    assert torch.allclose(fake.grad, deceiving, atol=1e-8)
    expected = torch.autograd.grad(telling, list(net.parameters()))
    for parameter, gradient in zip(net.parameters(), expected, strict=True):
        assert torch.allclose(parameter.grad, gradient, atol=1e-7)


def test_validation_sees_the_net_only():
    net, (real, fake) = patches(), pair()
    loss = PatchGAN(net).eval()(fake, real)
    assert float(loss.detach()) == pytest.approx(float(taken_for(frozen(net, fake), True).detach()))


def test_one_optimizer_teaches_the_discriminator():
    term, (real, fake) = PatchGAN(patches()), pair()
    dark = 0.2 * fake.detach()
    optimizer = torch.optim.Adam(term.parameters(), lr=1e-2)
    for _ in range(25):
        optimizer.zero_grad()
        term(dark, real).backward()
        optimizer.step()
    with torch.no_grad():
        answers = zip(term.discriminator(real), term.discriminator(dark), strict=True)
        assert all(a.mean() > 0 > b.mean() for a, b in answers)


def test_channels_beside_the_picture_do_not_matter():
    term, (real, fake) = PatchGAN(patches()), pair()
    more = torch.rand(2, 2, 32, 32)
    wide = term(torch.cat([fake, more[:, :1]], 1), torch.cat([real, more], 1))
    assert torch.equal(wide, term(fake, real))


def test_the_sources_code_is_pulled_to_the_targets():
    torch.manual_seed(0)
    term = TrueFace(partial(CodeDiscriminator, width=4), weight=0.5).for_codes(6, 8)
    code_dst, code_src = pair(6, 8)
    code_dst = code_dst.clone().requires_grad_()
    term(code_src, code_dst).backward()
    [expected] = torch.autograd.grad(taken_for(term.discriminator(code_src), True), code_src)
    assert torch.allclose(code_src.grad, 0.5 * expected, atol=1e-8)
    assert code_dst.grad is None


def test_a_discriminator_of_codes_waits_for_the_net():
    code_dst, code_src = pair(6, 8)
    with pytest.raises(ValueError, match="for_codes"):
        TrueFace(partial(CodeDiscriminator, width=4))(code_src, code_dst)


def test_half_precision_logits_are_judged_in_full():
    logits = [torch.randn(2, 1, 4, 4).bfloat16()]
    assert taken_for(logits, True).dtype == torch.float32
    assert isinstance(PatchGAN(nn.Identity()).weight, float)
