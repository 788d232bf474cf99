"""DeepFaceLab's liae family: one encoder and one decoder, two codes that tell people apart."""

from collections.abc import Sequence
from typing import Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_decoder import ImageDecoder, MaskDecoder
from facsimile.models.swap_encoder import Encoder, Inter, grid_side
from facsimile.models.swap_layers import he_initialise

Identity = Literal["src", "dst"]


class LIAEAutoencoder(nn.Module):
    """The face-swap autoencoder liae: the decoder is told by the first half of its code who it is.

    src is decoded from [AB, AB] and dst from [B, AB], the channels of two bottlenecks. AB learns
    from both people and B from dst alone; `net(dst, "src")` repeats AB where B was. The other
    direction, `net(src, "dst")`, asks B for a face it never saw in training; DeepFaceLab does not
    offer it, so look at it before you trust it.

    Sizes are free; the layers are DeepFaceLab's (models/Model_SAEHD, archi "liae"). Its liae-ud at
    128 pixels is `LIAEAutoencoder(128, 64, 256, 512, (512, 256, 128), 22, True, True)`.

    Args:
        resolution: Side of the face, pixels: a multiple of 16; of 32 with `double_resolution` or
            `deep`.
        encoder_dim: Channels of the first Down (DeepFaceLab's e_dims).
        code_dim: Width of each bottleneck (ae_dims).
        inter_dim: Channels of each code; the decoders see twice as many (in DeepFaceLab twice
            ae_dims).
        decoder_dims: Widths of the image decoder: three, or four with `deep` (8d, 4d, 2d of its
            d_dims; deep 8d, 8d, 4d, 2d).
        mask_dim: Adds a mask decoder (d_mask_dims); None for none.
        pixel_norm: Option u: the encoder's features get a root mean square of one.
        double_resolution: Option d: the head doubles the side, at little cost.
        deep: Option t: one more halving and two Res in the encoder, one more Up in the decoders.
        cosine: Option c: x cos x instead of LeakyReLU.

    Raises:
        ValueError: The resolution or the number of widths does not fit the options.

    Example:
        >>> net = LIAEAutoencoder(32, 4, 16, 8, (8, 6, 4), mask_dim=2)
        >>> image, mask = net(torch.rand(2, 3, 32, 32), "src")
        >>> tuple(image.shape), tuple(mask.shape)
        ((2, 3, 32, 32), (2, 1, 32, 32))
    """

    def __init__(
        self,
        resolution: int = 64,
        encoder_dim: int = 24,
        code_dim: int = 192,
        inter_dim: int = 96,
        decoder_dims: Sequence[int] = (64, 48, 24),
        mask_dim: int | None = None,
        pixel_norm: bool = False,
        double_resolution: bool = False,
        deep: bool = False,
        cosine: bool = False,
    ) -> None:
        super().__init__()
        side = grid_side(resolution, double_resolution, deep)
        options = (double_resolution, deep, cosine)
        self.resolution = resolution
        self.encoder = Encoder(resolution, encoder_dim, pixel_norm, deep, cosine)
        sizes = (self.encoder.features, code_dim, inter_dim, side, not deep, cosine)
        self.inter_ab, self.inter_b = Inter(*sizes), Inter(*sizes)
        self.image = ImageDecoder(2 * inter_dim, decoder_dims, *options)
        self.mask = MaskDecoder(2 * inter_dim, mask_dim, *options) if mask_dim is not None else None
        he_initialise(self)

    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b features"]:
        """What both bottlenecks start from."""
        return cast(Tensor, self.encoder(x))

    def code(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """What both people share, for a discriminator of codes: AB (DeepFaceLab has none here)."""
        return cast(Tensor, self.inter_ab(self.encoder(x)))

    def decode(
        self, features: Float[Tensor, "b features"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """That person's face, and its mask where the net has a mask decoder."""
        shared = self.inter_ab(features)
        own = shared if identity == "src" else self.inter_b(features)
        code = torch.cat([own, shared], dim=1)
        return self.image(code), self.mask(code) if self.mask is not None else None

    def forward(
        self, x: Float[Tensor, "b 3 r r"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """`x` seen as that person; in and out in 0..1."""
        return self.decode(self.encode(x), identity)
