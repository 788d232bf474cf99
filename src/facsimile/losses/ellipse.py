"""Errors of the face count more than those of its surroundings."""

import torch
from jaxtyping import Float
from torch import Tensor


def ellipse_weights(size: int, outside: float) -> Float[Tensor, "size size"]:
    """Weigh the face 1 and what lies outside its ellipse `outside`, with a soft edge.

    >>> weights = ellipse_weights(64, 0.15)
    >>> round(float(weights[32, 32]), 2), round(float(weights[0, 0]), 2)
    (1.0, 0.15)
    """
    across = torch.linspace(-1, 1, size)
    radius = torch.sqrt((across[None, :] / 0.84) ** 2 + (across[:, None] / 0.94) ** 2)
    return outside + (1 - outside) * ((1 - radius) / 0.15 + 0.5).clamp(0, 1)


def ellipse_mean(values: Float[Tensor, "b c y x"], size: int, outside: float) -> Float[Tensor, ""]:
    """Weighted mean of a map over faces of `size` pixels, which may lack an equal edge all round.

    >>> round(float(ellipse_mean(torch.ones(1, 3, 22, 22), 32, 0.15)), 5)
    1.0
    """
    if outside == 1:
        return values.mean()
    edge, side = (size - values.shape[-1]) // 2, values.shape[-1]
    weights = ellipse_weights(size, outside)[edge : edge + side, edge : edge + side]
    weights = weights.to(values.device)
    return (values.mean(dim=(0, 1)) * weights).sum() / weights.sum()
