import pytest
import torch

from facsimile.losses.log_error import LogError
from facsimile.metrics.psnr import psnr


def test_is_minus_a_tenth_of_the_mean_psnr():
    generator = torch.Generator().manual_seed(0)
    preds, target = (torch.rand(3, 3, 8, 8, generator=generator) for _ in range(2))
    oracle = [
        psnr(x.numpy(), y.numpy(), data_range=1.0) for x, y in zip(preds, target, strict=True)
    ]
    loss = LogError(epsilon=0.0)(preds, target)
    assert float(loss) == pytest.approx(-sum(oracle) / len(oracle) / 10, abs=1e-5)


def test_every_image_pulls_alike_whatever_its_error():
    target = torch.zeros(2, 3, 4, 4)
    preds = target.clone()
    preds[0], preds[1] = 0.1, 0.4
    preds.requires_grad_()
    LogError(epsilon=0.0)(preds, target).backward()
    pulls = (preds * preds.grad).detach().sum(dim=(1, 2, 3))
    assert float(pulls[0]) == pytest.approx(float(pulls[1]))


def test_gradient_is_finite_where_nothing_is_wrong():
    preds = torch.zeros(1, 3, 4, 4, requires_grad=True)
    LogError()(preds, torch.zeros(1, 3, 4, 4)).backward()
    assert preds.grad.isfinite().all()
