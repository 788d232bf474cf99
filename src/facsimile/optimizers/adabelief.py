"""AdaBelief as DeepFaceLab trains with it."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from facsimile.optimizers.lr_dropout import LearningRateDropout

_AT_ONCE = 16  # parameters


class AdaBelief(LearningRateDropout):
    """Steps by the mean gradient over how far gradients stray from it, without bias correction.

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) (g - m)^2; p = p - lr m / (sqrt(v) + eps). Source:
    Zhuang et al. 2020, "AdaBelief Optimizer", in DeepFaceLab's form, whose first steps are large
    because nothing corrects v for having started at 0.

    Args:
        params: As torch's optimizers take them; those of a group are on one device.
        lr: Rate; DeepFaceLab's is 5e-5.
        betas: Decays of the gradient's mean and of its spread.
        eps: Of 1, added to the root of the spread.
        lr_dropout: See `LearningRateDropout`.
        seed: Of its draws.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 5e-5,
        betas: Sequence[float] = (0.9, 0.999),
        eps: float = 1e-6,
        lr_dropout: float = 1.0,
        seed: int = 0,
    ) -> None:
        defaults = {"lr": lr, "betas": tuple(betas), "eps": eps}
        super().__init__(params, lr_dropout=lr_dropout, seed=seed, defaults=defaults)

    def update(self) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            # some at a time: what is worked out on the way is as large as the weights
            for start in range(0, len(params), _AT_ONCE):
                self._update(params[start : start + _AT_ONCE], group)

    def _update(self, params: list[Tensor], group: dict[str, Any]) -> None:
        (beta1, beta2), grads = group["betas"], [p.grad for p in params if p.grad is not None]
        means, spreads = (self._state(params, name) for name in ("mean", "spread"))
        torch._foreach_lerp_(means, grads, 1 - beta1)
        strays = torch._foreach_add(means, grads, alpha=-1)
        torch._foreach_mul_(spreads, beta2)
        torch._foreach_addcmul_(spreads, strays, strays, 1 - beta2)
        scale = torch._foreach_sqrt(spreads)
        torch._foreach_add_(scale, group["eps"])
        torch._foreach_addcdiv_(params, means, scale, -group["lr"])

    def _state(self, params: list[Tensor], name: str) -> list[Tensor]:
        for p in params:
            if name not in self.state[p]:
                self.state[p][name] = torch.zeros_like(p, memory_format=torch.preserve_format)
        return [self.state[p][name] for p in params]
