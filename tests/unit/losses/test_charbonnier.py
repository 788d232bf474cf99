import numpy as np
import pytest
import torch

from facsimile.losses.charbonnier import Charbonnier, charbonnier


def images():
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, 9, 14, generator=generator) for _ in range(2))


@pytest.mark.parametrize("epsilon", [1e-3, 0.1])
def test_agrees_with_the_formula(epsilon):
    preds, target = images()
    difference = preds.double().numpy() - target.double().numpy()
    expected = np.hypot(difference, epsilon).mean((1, 2, 3))
    np.testing.assert_allclose(charbonnier(preds, target, epsilon), expected, rtol=1e-5)
    assert float(Charbonnier(epsilon=epsilon)(preds, target)) == pytest.approx(
        expected.mean(), rel=1e-5
    )


def test_is_nearly_the_absolute_error():
    preds, target = images()
    loss = torch.nn.L1Loss()(preds, target)
    assert float(Charbonnier()(preds, target)) == pytest.approx(float(loss), rel=1e-3)


def test_gradient_is_smooth_where_nothing_is_wrong():
    preds = torch.zeros(1, 3, 4, 4, requires_grad=True)
    Charbonnier()(preds, torch.zeros(1, 3, 4, 4)).backward()
    assert torch.equal(preds.grad, torch.zeros_like(preds))


def test_is_computed_in_full_precision():
    preds, target = (image.bfloat16() for image in images())
    assert torch.equal(charbonnier(preds, target), charbonnier(preds.float(), target.float()))


def test_an_epsilon_of_nothing_is_refused():
    with pytest.raises(ValueError, match="epsilon must be above 0"):
        Charbonnier(epsilon=0.0)
