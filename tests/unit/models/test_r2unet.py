import pytest
import torch

from facsimile.models.r2unet import R2UNet, StepNorm


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_has_the_papers_parameter_count_whatever_the_recurrence(steps):
    parameters = list(R2UNet(steps=steps).parameters())
    assert sum(p.numel() for p in parameters) == 134_067
    assert all(p.requires_grad for p in parameters)


def test_needs_a_step():
    with pytest.raises(ValueError, match="steps must be at least 1"):
        R2UNet(steps=0)


def test_steps_change_the_result_not_the_weights():
    once, twice = R2UNet(steps=1).eval(), R2UNet(steps=2).eval()
    twice.load_state_dict(
        {k: v.repeat(2, 1) if "running" in k and len(v) == 1 and "units" in k else v
         for k, v in once.state_dict().items()}
    )  # fmt: skip
    image = torch.rand(1, 3, 16, 16)
    assert not torch.allclose(once(image), twice(image))


@pytest.mark.parametrize("size", [(16, 16), (17, 30), (112, 92), (3, 2), (1, 1)])
def test_keeps_any_size(size):
    assert R2UNet().eval()(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_padding_leaves_the_far_pixels_alone():
    net = R2UNet().eval()
    image = torch.rand(1, 3, 64, 64)
    whole, cut = net(image), net(image[..., :62])
    assert torch.allclose(whole[..., :16], cut[..., :16], atol=1e-5)


def test_predicts_a_residual():
    net = R2UNet().eval()
    torch.nn.init.zeros_(net.head.weight)
    torch.nn.init.zeros_(net.head.bias)
    image = torch.rand(2, 3, 9, 9)
    assert torch.equal(net(image), image)


def test_the_gradient_reaches_every_parameter():
    net = R2UNet()
    net(torch.rand(2, 3, 16, 16)).square().mean().backward()
    # Batch normalisation takes away the mean, so the biases before it rest near zero.
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    weights = [p for name, p in net.named_parameters() if not name.endswith("conv.bias")]
    assert all(p.grad.abs().max() > 0 for p in weights)


def test_every_step_has_statistics_of_its_own():
    torch.manual_seed(0)
    norm = StepNorm(4, steps=2, momentum=1.0)
    norm(torch.full((2, 4, 3, 3), 5.0) + torch.randn(2, 4, 3, 3), 1)
    assert torch.equal(norm.running_mean[0], torch.zeros(4))
    assert norm.running_mean[1].mean() == pytest.approx(5, abs=0.5)


def test_normalises_as_torch_does():
    torch.manual_seed(0)
    ours, oracle = StepNorm(4, steps=1), torch.nn.BatchNorm2d(4)
    for _ in range(3):
        x = torch.randn(2, 4, 5, 5) * 3 + 1
        assert torch.allclose(ours(x, 0), oracle(x), atol=1e-6)
    assert torch.allclose(ours.running_var[0], oracle.running_var)
    assert torch.allclose(ours.eval()(x, 0), oracle.eval()(x), atol=1e-6)
