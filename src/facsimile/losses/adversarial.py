"""What a discriminator and the net that has to deceive it learn from (Goodfellow et al. 2014)."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

Logits = Float[Tensor, "b 1 _ _"]


def taken_for(logits: Sequence[Logits], real: bool) -> Float[Tensor, ""]:
    """Return the mean cross-entropy of each map of logits with being real or not, summed.

    >>> round(float(taken_for([torch.zeros(1, 1, 2, 2)], real=True)), 4)
    0.6931
    """
    maps = [each.float() for each in logits]
    label = torch.ones_like if real else torch.zeros_like
    return torch.stack([binary_cross_entropy_with_logits(each, label(each)) for each in maps]).sum()


def frozen(net: nn.Module, x: Float[Tensor, "b c h w"]) -> Sequence[Logits]:
    """Return what `net` says of `x`, so that `x` learns from it and the net does not."""
    weights = {name: parameter.detach() for name, parameter in net.named_parameters()}
    said: Sequence[Logits] = torch.func.functional_call(net, weights, (x,))
    return said


def adversarial(
    net: nn.Module,
    real: Float[Tensor, "b c h w"],
    fake: Float[Tensor, "b c h w"],
    training: bool,
) -> Float[Tensor, ""]:
    """Return what `fake` loses by being told from `real`, and in training what `net` loses too.

    The two share no gradient: what made `fake` learns only to deceive, the discriminator `net`
    only to tell. So one optimizer and one backward pass train both.
    """
    deceiving = taken_for(frozen(net, fake), real=True)
    if not training:
        return deceiving
    telling = taken_for(net(real.detach()), real=True) + taken_for(net(fake.detach()), real=False)
    return deceiving + telling / 2
