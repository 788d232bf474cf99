"""Difference of what a net trained on photographs sees."""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import get_model

from facsimile.errors import UserError
from facsimile.losses.channels import rgb
from facsimile.losses.term import Term

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's


def load_features(net: str, weights: Path | str | None) -> nn.Sequential:
    """Return the convolutional part of one of torchvision's classifiers, fixed.

    Raises:
        UserError: There are no weights there, or they are of another net.
    """
    hint = (
        f"loss term perceptual: give the weights of torchvision's {net} as "
        "loss.terms.perceptual.weights=FILE.pth (a state_dict; nothing is downloaded)"
    )
    if weights is None or not Path(weights).is_file():
        raise UserError(f"{hint}; there is no file {weights}")
    model = get_model(net, weights=None)
    try:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except Exception as error:  # torch.load alone raises half a dozen kinds
        raise UserError(f"{hint}; {weights} is none: {error}") from error
    features: nn.Sequential = model.features.eval().requires_grad_(False)
    return features


def feature_distance(
    features: nn.Sequential,
    layers: Sequence[int],
    preds: Float[Tensor, "b 3 h w"],
    target: Float[Tensor, "b 3 h w"],
) -> Float[Tensor, ""]:
    """Return the mean squared distance of features of unit length, summed over `layers`.

    Source: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features", equation 1,
    without its learned weights.
    """
    mean, std = (preds.new_tensor(each).view(1, 3, 1, 1) for each in (MEAN, STD))
    x = (torch.cat([preds, target]) - mean) / std
    total = preds.new_zeros(())
    for index, layer in enumerate(features[: max(layers) + 1]):
        x = layer(x)
        if index in layers:
            unit = nn.functional.normalize(x.float(), dim=1, eps=1e-6)
            ours, theirs = unit.chunk(2)
            total = total + ((ours - theirs) ** 2).sum(dim=1).mean()
    return total


class Perceptual(Term):
    """Distance of the features of a small net of torchvision's, by weights on disk.

    Args:
        weights: Its state_dict, a .pth as torchvision's own.
        net: Name of a classifier with `features`, such as squeezenet1_1, alexnet, vgg16.
        layers: Places in its `features` to compare at.
        weight: See `Term`.

    Raises:
        UserError: See `load_features`.
    """

    def __init__(
        self,
        weights: Path | str | None,
        net: str = "squeezenet1_1",
        layers: Sequence[int] = (1, 4, 7),
        weight: float = 1.0,
    ) -> None:
        super().__init__(weight)
        self.features, self.layers = load_features(net, weights), tuple(layers)

    def train(self, mode: bool = True) -> "Perceptual":
        """Stay as in evaluation: the net only looks."""
        return super().train(False)

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean distance."""
        return feature_distance(self.features, self.layers, rgb(preds), rgb(target))
