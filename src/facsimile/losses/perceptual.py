"""Difference of what a net trained on photographs sees."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import get_model, list_models

from facsimile.errors import UserError
from facsimile.losses.channels import rgb
from facsimile.losses.term import Term

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's


def load_features(net: str, weights: Path | str | None) -> nn.Sequential:
    """Return the convolutional part of one of torchvision's classifiers, fixed.

    Without weights it is drawn, the same each time, and a warning says so.

    Raises:
        ValueError: There is no such classifier, or it has no such part.
        UserError: There are no weights there, or they are of another net.
    """
    # drawn aside: with or without this term, the nets to be trained start the same
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model = get_model(net, weights=None) if net in list_models() else None
    features = getattr(model, "features", None)
    if model is None or not isinstance(features, nn.Sequential):
        raise ValueError(
            f"{net} is none of torchvision's nets with `features`: give one such as squeezenet1_1"
        )
    _load(model, net, weights)
    return features.eval().requires_grad_(False)


def _load(model: nn.Module, net: str, weights: Path | str | None) -> None:
    hint = (
        f"give the weights of torchvision's {net} as loss.terms.perceptual.weights=FILE.pth "
        "(a state_dict; nothing is downloaded)"
    )
    if weights is None:
        warnings.warn(f"the perceptual loss compares by an untrained net: {hint}", stacklevel=4)
        return
    if not Path(weights).is_file():
        raise UserError(f"loss term perceptual: {hint}; there is no file {weights}")
    try:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except Exception as error:  # torch.load alone raises half a dozen kinds
        raise UserError(f"loss term perceptual: {hint}; {weights} is none: {error}") from error


def up_to(features: nn.Sequential, layers: Sequence[int], resolution: int) -> nn.Sequential:
    """Return the part of a net that leads to these layers, for pictures of that side in pixels.

    Raises:
        ValueError: The net has no such layers, or the pictures are too small for them.

    >>> len(up_to(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2)), [0, 1], 8))
    2
    """
    if not layers or not all(layer in range(len(features)) for layer in layers):
        raise ValueError(
            f"layers are places in the net's features, 0 to {len(features) - 1}, not {list(layers)}"
        )
    part, x = features[: max(layers) + 1], torch.zeros(1, 3, resolution, resolution)
    for index, layer in enumerate(part):
        try:
            x = layer(x)
        except RuntimeError as error:
            raise ValueError(
                f"faces of {resolution} pixels are too small for layer {index} of the net's "
                "features: give lower layers"
            ) from error
    return part


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
    for index, layer in enumerate(features):
        x = layer(x)
        if index in layers:
            unit = nn.functional.normalize(x.float(), dim=1, eps=1e-6)
            ours, theirs = unit.chunk(2)
            total = total + ((ours - theirs) ** 2).sum(dim=1).mean()
    return total


class Perceptual(Term):
    """Distance of the features of a small net of torchvision's, by weights on disk.

    Args:
        resolution: Side of the faces, pixels.
        weights: The net's state_dict, a .pth as torchvision's own; None for an untrained net,
            of which a warning tells.
        net: Name of a classifier with `features`, such as squeezenet1_1, alexnet, vgg16.
        layers: Places in its `features` to compare at.
        weight: See `Term`.

    Raises:
        ValueError, UserError: See `load_features` and `up_to`.
    """

    def __init__(
        self,
        resolution: int,
        weights: Path | str | None,
        net: str = "squeezenet1_1",
        layers: Sequence[int] = (1, 4, 7),
        weight: float = 1.0,
    ) -> None:
        super().__init__(weight)
        self.features = up_to(load_features(net, weights), layers, resolution)
        self.layers = tuple(layers)

    def train(self, mode: bool = True) -> "Perceptual":
        """Stay as in evaluation: the net only looks."""
        return super().train(False)

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean distance."""
        return feature_distance(self.features, self.layers, rgb(preds), rgb(target))
