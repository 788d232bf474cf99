"""What DeepFaceLab's families of face-swap autoencoders share: sizes, options, the encoder."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.models.swap_decoder import ImageDecoder, MaskDecoder
from facsimile.models.swap_encoder import Encoder, Inter, grid_side
from facsimile.models.swap_layers import he_initialise

Identity = Literal["src", "dst"]


class Parts(NamedTuple):
    """What makes a bottleneck and the decoders of the sizes and with the options asked for."""

    inter: Callable[[], Inter]
    image: Callable[[], ImageDecoder]
    mask: Callable[[], MaskDecoder] | None


class SwapAutoencoder(nn.Module, ABC):
    """A net that `net(dst, "src")` asks for src's face in dst's pose.

    Sizes are free; the layers are DeepFaceLab's (models/Model_SAEHD). A family says in `_add` of
    which parts it consists.

    Args:
        resolution: Side of the face, pixels: a multiple of 16; of 32 with `double_resolution` or
            `deep`.
        encoder_dim: Channels of the first Down (DeepFaceLab's e_dims).
        code_dim: Width of each bottleneck (ae_dims).
        inter_dim: Channels of each code (in DeepFaceLab ae_dims again for df, twice that for liae).
        decoder_dims: Widths of an image decoder: three, or four with `deep` (8d, 4d, 2d of its
            d_dims; deep 8d, 8d, 4d, 2d).
        mask_dim: Gives every image decoder a mask decoder (d_mask_dims); None for none.
        pixel_norm: Option u: the encoder's features get a root mean square of one.
        double_resolution: Option d: the head doubles the side, at little cost.
        deep: Option t: one more halving and two Res in the encoder, one more Up in the decoders.
        cosine: Option c: x cos x instead of LeakyReLU.

    Raises:
        ValueError: The resolution or the number of widths does not fit the options.
    """

    codes: int  # how many a decoder sees at once

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
        seen, options = self.codes * inter_dim, (double_resolution, deep, cosine)
        self.resolution = resolution
        self.encoder = Encoder(resolution, encoder_dim, pixel_norm, deep, cosine)
        sizes = (self.encoder.features, code_dim, inter_dim, side)
        mask = None if mask_dim is None else partial(MaskDecoder, seen, mask_dim, *options)
        image = partial(ImageDecoder, seen, decoder_dims, *options)
        self._add(Parts(partial(Inter, *sizes, not deep, cosine), image, mask))
        he_initialise(self)

    @abstractmethod
    def _add(self, parts: Parts) -> None:
        """Make the family's bottlenecks and decoders."""

    @abstractmethod
    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Tensor:
        """What `code` and `decode` start from, whoever is asked for."""

    @abstractmethod
    def code(self, encoded: Tensor) -> Float[Tensor, "b inter h h"]:
        """What a discriminator of codes sees ("true face")."""

    @abstractmethod
    def decode(
        self, encoded: Tensor, identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """That person's face, and its mask where the net has mask decoders."""

    def forward(
        self, x: Float[Tensor, "b 3 r r"], identity: Identity
    ) -> tuple[Float[Tensor, "b 3 r r"], Float[Tensor, "b 1 r r"] | None]:
        """`x` seen as that person; in and out in 0..1."""
        return self.decode(self.encode(x), identity)
