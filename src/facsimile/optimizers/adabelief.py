"""AdaBelief as DeepFaceLab trains with it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

_AT_ONCE = 16  # parameters


def update_mask(params: list[Tensor], share: float, seed: int, step: int) -> list[Tensor]:
    """Draw which elements a step updates: each with probability `share`, in 65536ths.

    A function of (seed, step) and of the parameters' sizes on their device.

    >>> [mask] = update_mask([torch.zeros(1000)], 0.3, seed=1, step=2)
    >>> 250 < int(mask.sum()) < 350
    True
    """
    device = params[0].device
    # torch's generator on CPU would look at the lowest 32 bits alone
    [start] = np.random.SeedSequence([seed, step]).generate_state(1)
    generator = torch.Generator(device).manual_seed(int(start))
    sizes = [p.numel() for p in params]
    # four elements a draw: one of its own for each takes longer than the net's smaller layers
    draws = torch.empty(-(-sum(sizes) // 4), dtype=torch.int64, device=device)
    draws.random_(-(2**63), None, generator=generator)
    highest = max(round(share * 2**16), 1) - 2**15 - 1
    chosen = torch.split(draws.view(torch.int16)[: sum(sizes)] <= highest, sizes)
    return [part.view(p.shape) for part, p in zip(chosen, params, strict=True)]


class AdaBelief(Optimizer):
    """Steps by the mean gradient over how far gradients stray from it, without bias correction.

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) (g - m)^2; p = p - lr m / (sqrt(v) + eps). Source:
    Zhuang et al. 2020, "AdaBelief Optimizer", in DeepFaceLab's form, whose first steps are large
    because nothing corrects v for having started at 0.

    Args:
        params: As torch's optimizers take them; those of a group are on one device.
        lr: Rate; DeepFaceLab's is 5e-5.
        betas: Decays of the gradient's mean and of its spread.
        eps: Of 1, added to the root of the spread.
        lr_dropout: Share of the elements that a step updates ("learning rate dropout", Lin et
            al. 2019); DeepFaceLab takes 0.3, 1 updates all.
        seed: Of the draw; which elements a step updates is a function of the seed and the step.

    Raises:
        ValueError: `lr_dropout` is not in 0..1, or 0.
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
        if not 0 < lr_dropout <= 1:
            raise ValueError(f"lr_dropout is a share of the weights, in ]0, 1], not {lr_dropout}")
        # a group's own number of steps travels in the state as its rate does
        defaults = {"lr": lr, "betas": tuple(betas), "eps": eps, "lr_dropout": lr_dropout}
        super().__init__(params, defaults | {"seed": seed, "step": 0})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns what `closure` does."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            group["step"] += 1
            params = [p for p in group["params"] if p.grad is not None]
            chosen = self._chosen(params, group)
            # some at a time: what is worked out on the way is as large as the weights
            for start in range(0, len(params), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                self._update(params[part], chosen and chosen[part], group)
        return loss

    def _chosen(self, params: list[Tensor], group: dict[str, Any]) -> list[Tensor] | None:
        if group["lr_dropout"] == 1 or not params:
            return None
        return update_mask(params, group["lr_dropout"], group["seed"], group["step"])

    def _update(
        self, params: list[Tensor], chosen: list[Tensor] | None, group: dict[str, Any]
    ) -> None:
        (beta1, beta2), grads = group["betas"], [p.grad for p in params if p.grad is not None]
        means, spreads = (self._state(params, name) for name in ("mean", "spread"))
        torch._foreach_lerp_(means, grads, 1 - beta1)
        strays = torch._foreach_add(means, grads, alpha=-1)
        torch._foreach_mul_(spreads, beta2)
        torch._foreach_addcmul_(spreads, strays, strays, 1 - beta2)
        scale = torch._foreach_sqrt(spreads)
        torch._foreach_add_(scale, group["eps"])
        steps = means if chosen is None else torch._foreach_mul(means, chosen)
        torch._foreach_addcdiv_(params, steps, scale, -group["lr"])

    def _state(self, params: list[Tensor], name: str) -> list[Tensor]:
        for p in params:
            if name not in self.state[p]:
                self.state[p][name] = torch.zeros_like(p, memory_format=torch.preserve_format)
        return [self.state[p][name] for p in params]
