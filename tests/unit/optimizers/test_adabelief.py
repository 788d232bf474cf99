import pytest
import torch

from facsimile.optimizers.adabelief import AdaBelief
from facsimile.optimizers.lr_dropout import update_mask


def naive(values, grads, masks, lr, betas, eps):
    """The formulas element by element, in Python's own numbers."""
    mean, spread = 0.0, 0.0
    value = values
    for grad, chosen in zip(grads, masks, strict=True):
        mean = betas[0] * mean + (1 - betas[0]) * grad
        spread = betas[1] * spread + (1 - betas[1]) * (grad - mean) ** 2
        value -= chosen * lr * mean / (spread**0.5 + eps)
    return value


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_agrees_with_a_naive_loop(share):
    torch.manual_seed(0)
    parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in ((3, 2), (4,))]
    start = [p.detach().clone() for p in parameters]
    grads = [[torch.randn(p.shape) for p in parameters] for _ in range(5)]
    optimizer = AdaBelief(parameters, lr=0.01, lr_dropout=share, seed=3)
    for step in grads:
        for p, grad in zip(parameters, step, strict=True):
            p.grad = grad.clone()
        optimizer.step()
    for place, (p, begin) in enumerate(zip(parameters, start, strict=True)):
        for index in range(p.numel()):
            masks = [
                update_mask(parameters, share, 3, step)[place].flatten()[index].item()
                for step in range(1, 6)
            ]
            expected = naive(
                begin.flatten()[index].item(), [s[place].flatten()[index].item() for s in grads],
                masks, 0.01, (0.9, 0.999), 1e-6,
            )  # fmt: skip
            assert p.flatten()[index].item() == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_first_step_is_not_bias_corrected():
    p = torch.nn.Parameter(torch.zeros(1))
    p.grad = torch.ones(1)
    AdaBelief([p], lr=1.0, eps=0.0).step()
    # m = .1, v = .001 * .9^2
    assert p.item() == pytest.approx(-0.1 / (0.001**0.5 * 0.9), rel=1e-5)


def test_parameters_without_gradient_stay():
    used, unused = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    used.grad = torch.ones(3)
    AdaBelief([used, unused]).step()
    assert torch.equal(unused, torch.ones(3)) and (used < 1).all()


def test_memory_format_of_the_weights_is_kept():
    weight = torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last)
    p = torch.nn.Parameter(weight.clone(memory_format=torch.preserve_format))
    p.grad = torch.randn_like(p)
    optimizer = AdaBelief([p], lr_dropout=0.5)
    optimizer.step()
    for tensor in (p, *optimizer.state[p].values()):
        assert tensor.is_contiguous(memory_format=torch.channels_last)
