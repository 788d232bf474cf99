"""Learning rate dropout, for any optimizer: a step updates a random share of the weights."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer


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


class LearningRateDropout(Optimizer):
    """Put before an optimizer among the bases of a class, lets its steps update a share only.

    What the optimizer remembers of the gradients goes on for all elements. Source: Lin et al.
    2019, "Learning Rate Dropout", as in DeepFaceLab.

    Args:
        params: As torch's optimizers take them; those of a group are on one device.
        lr_dropout: Share of the elements that a step updates; DeepFaceLab takes 0.3, 1 updates all.
        seed: Of the draw; which elements a step updates is a function of the seed and the step.
        settings: The optimizer's own.

    Raises:
        ValueError: `lr_dropout` is not in 0..1, or 0.
    """

    def __init__(
        self, params: Iterable[Any], *, lr_dropout: float = 1.0, seed: int = 0, **settings: Any
    ) -> None:
        if not 0 < lr_dropout <= 1:
            raise ValueError(f"lr_dropout is a share of the weights, in ]0, 1], not {lr_dropout}")
        super().__init__(params, **settings)
        # a fused step that also unscales leaves no gradients that could be clipped before it
        self._step_supports_amp_scaling = False
        for group in self.param_groups:
            # a group's own number of steps travels in the state as its rate does
            group |= {"lr_dropout": lr_dropout, "seed": seed, "step": 0}

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update a share of every parameter that has a gradient; returns what `closure` does."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        before = [[(p, p.clone()) for p in self._thinned(group)] for group in self.param_groups]
        self.update()
        for group, pairs in zip(self.param_groups, before, strict=True):
            group["step"] += 1
            _take_back(pairs, group)
        return loss

    def update(self) -> None:
        """Make the optimizer's whole step."""
        super().step()

    def _thinned(self, group: dict[str, Any]) -> list[Tensor]:
        """The parameters of which a share is to stay as it is."""
        return [p for p in group["params"] if p.grad is not None and group["lr_dropout"] < 1]


def _take_back(pairs: list[tuple[Tensor, Tensor]], group: dict[str, Any]) -> None:
    """Give back their old value to the elements that the draw leaves out."""
    if pairs:
        params = [p for p, _ in pairs]
        chosen = update_mask(params, group["lr_dropout"], group["seed"], group["step"])
        for (p, old), mask in zip(pairs, chosen, strict=True):
            torch.where(mask, p, old, out=p)
