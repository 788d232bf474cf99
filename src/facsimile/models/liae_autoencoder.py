"""DeepFaceLab's liae family: one encoder and one decoder, two codes that tell people apart."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from facsimile.models.swap_autoencoder import Identity, Parts, SwapAutoencoder


class LIAEAutoencoder(SwapAutoencoder):
    """The face-swap autoencoder liae: the decoder is told by the first half of its code who it is.

    src is decoded from [AB, AB] and dst from [B, AB], the channels of two bottlenecks. AB learns
    from both people and B from dst alone; `net(dst, "src")` repeats AB where B was. The other
    direction, `net(src, "dst")`, asks B for a face it never saw in training; DeepFaceLab does not
    offer it, so look at it before you trust it.

    Sizes and options are `SwapAutoencoder`'s. DeepFaceLab's liae-ud at 128 pixels is
    `LIAEAutoencoder(128, 64, 256, 512, (512, 256, 128), 22, True, True)`.

    Example:
        >>> net = LIAEAutoencoder(32, 4, 16, 8, (8, 6, 4), mask_dim=2)
        >>> image, mask = net(torch.rand(2, 3, 32, 32), "src")
        >>> tuple(image.shape), tuple(mask.shape)
        ((2, 3, 32, 32), (2, 1, 32, 32))
    """

    codes = 2

    def _add(self, parts: Parts) -> None:
        self.inter_ab, self.inter_b = parts.inter(), parts.inter()
        self.image = parts.image()
        self.mask = parts.mask() if parts.mask else None

    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b features"]:
        """What both bottlenecks start from."""
        return cast(Tensor, self.encoder(x))

    def code(self, encoded: Float[Tensor, "b features"]) -> Float[Tensor, "b inter h h"]:
        """What both people share, for a discriminator of codes: AB (DeepFaceLab has none here)."""
        return cast(Tensor, self.inter_ab(encoded))

    def decode(
        self, encoded: Float[Tensor, "b features"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """That person's face, and its mask where the net has a mask decoder."""
        shared = self.inter_ab(encoded)
        own = shared if identity == "src" else self.inter_b(encoded)
        code = torch.cat([own, shared], dim=1)
        return self.image(code), self.mask(code) if self.mask is not None else None
