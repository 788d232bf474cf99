"""DeepFaceLab's df family: one encoder shared by two people, one decoder for each."""

from collections.abc import Sequence
from typing import Literal, cast

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_decoder import ImageDecoder, MaskDecoder
from facsimile.models.swap_encoder import Encoder, Inter, grid_side
from facsimile.models.swap_layers import he_initialise

Identity = Literal["src", "dst"]


class DFAutoencoder(nn.Module):
    """The face-swap autoencoder df: `net(dst, "src")` is src's face in dst's pose.

    Sizes are free; the layers are DeepFaceLab's (models/Model_SAEHD, archi "df"). Its df at 128
    pixels is `DFAutoencoder(128, 64, 256, 256, (512, 256, 128), 22)`.

    Args:
        resolution: Side of the face, pixels: a multiple of 16; of 32 with `double_resolution` or
            `deep`.
        encoder_dim: Channels of the first Down (DeepFaceLab's e_dims).
        code_dim: Width of the bottleneck (ae_dims).
        inter_dim: Channels of the code (in DeepFaceLab ae_dims again).
        decoder_dims: Widths of the image decoder: three, or four with `deep` (8d, 4d, 2d of its
            d_dims; deep 8d, 8d, 4d, 2d).
        mask_dim: Gives each person a mask decoder (d_mask_dims); None for none.
        pixel_norm: Option u: the encoder's features get a root mean square of one.
        double_resolution: Option d: the head doubles the side, at little cost.
        deep: Option t: one more halving and two Res in the encoder, one more Up in the decoders.
        cosine: Option c: x cos x instead of LeakyReLU.

    Raises:
        ValueError: The resolution or the number of widths does not fit the options.

    Example:
        >>> import torch
        >>> net = DFAutoencoder(32, 4, 16, 8, (8, 6, 4))
        >>> image, mask = net(torch.rand(2, 3, 32, 32), "src")
        >>> tuple(image.shape), mask
        ((2, 3, 32, 32), None)
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
        self.inter = Inter(self.encoder.features, code_dim, inter_dim, side, not deep, cosine)
        self.images = nn.ModuleDict(
            {name: ImageDecoder(inter_dim, decoder_dims, *options) for name in ("src", "dst")}
        )
        self.masks = (
            nn.ModuleDict(
                {name: MaskDecoder(inter_dim, mask_dim, *options) for name in ("src", "dst")}
            )
            if mask_dim is not None
            else None
        )
        he_initialise(self)

    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """What both people share: pose, expression, light."""
        return cast(Tensor, self.inter(self.encoder(x)))

    def code(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """What a discriminator of codes sees ("true face"): here `encode(x)` itself."""
        return self.encode(x)

    def decode(
        self, code: Float[Tensor, "b inter h h"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """That person's face, and its mask where the net has mask decoders."""
        mask = self.masks[identity](code) if self.masks is not None else None
        return self.images[identity](code), mask

    def forward(
        self, x: Float[Tensor, "b 3 r r"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """`x` seen as that person; in and out in 0..1."""
        return self.decode(self.encode(x), identity)
