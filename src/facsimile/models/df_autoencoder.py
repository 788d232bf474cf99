"""DeepFaceLab's df family: one encoder shared by two people, one decoder for each."""

from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_autoencoder import Identity, Parts, SwapAutoencoder


class DFAutoencoder(SwapAutoencoder):
    """The face-swap autoencoder df: one bottleneck, decoders of images and masks for each person.

    Sizes and options are `SwapAutoencoder`'s. DeepFaceLab's df at 128 pixels is
    `DFAutoencoder(128, 64, 256, 256, (512, 256, 128), 22)`.

    Example:
        >>> import torch
        >>> net = DFAutoencoder(32, 4, 16, 8, (8, 6, 4))
        >>> image, mask = net(torch.rand(2, 3, 32, 32), "src")
        >>> tuple(image.shape), mask
        ((2, 3, 32, 32), None)
    """

    codes = 1

    def _add(self, parts: Parts) -> None:
        people = ("src", "dst")
        self.inter = parts.inter()
        self.images = nn.ModuleDict({name: parts.image() for name in people})
        self.masks = nn.ModuleDict({name: parts.mask() for name in people}) if parts.mask else None

    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """What both people share: pose, expression, light."""
        return cast(Tensor, self.inter(self.encoder(x)))

    def code(self, encoded: Float[Tensor, "b inter h h"]) -> Float[Tensor, "b inter h h"]:
        """What a discriminator of codes sees ("true face"): here all that `encode` gives."""
        return encoded

    def decode(
        self, encoded: Float[Tensor, "b inter h h"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """That person's face, and its mask where the net has mask decoders."""
        mask = self.masks[identity](encoded) if self.masks is not None else None
        return self.images[identity](encoded), mask
