"""DeepFaceLab's df family: one encoder shared by two people, one decoder for each."""

from collections.abc import Sequence
from typing import Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

Identity = Literal["src", "dst"]

SLOPE = 0.1  # of LeakyReLU in Down and Up
RES_SLOPE = 0.2  # of LeakyReLU in Res


class Down(nn.Sequential):
    """Halves the side: 5x5 convolution of stride 2 and LeakyReLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 5, stride=2, padding=2), nn.LeakyReLU(SLOPE)
        )


class Up(nn.Sequential):
    """Doubles the side: 3x3 convolution to four times the channels and a pixel shuffle."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, 4 * channels_out, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.PixelShuffle(2),
        )


class Res(nn.Module):
    """Two 3x3 convolutions beside a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.activation = nn.LeakyReLU(RES_SLOPE)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Same shape as `x`."""
        residual = self.second(self.activation(self.first(x)))
        return cast(Tensor, self.activation(x + residual))


class Encoder(nn.Module):
    """Four Downs (e, 2e, 4e, 8e), a dense bottleneck without activation, and one Up."""

    def __init__(self, resolution: int, encoder_dim: int, code_dim: int, inter_dim: int) -> None:
        super().__init__()
        widths = [3, *(encoder_dim * 2**level for level in range(4))]
        self.side = resolution // 16
        self.downs = nn.Sequential(
            *(Down(width, after) for width, after in zip(widths, widths[1:], strict=False))
        )
        self.squeeze = nn.Linear(self.side**2 * widths[-1], code_dim)
        self.expand = nn.Linear(code_dim, self.side**2 * inter_dim)
        self.up = Up(inter_dim, inter_dim)

    def forward(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """The code as a map of r/8 x r/8."""
        code = self.expand(self.squeeze(self.downs(x).flatten(1)))
        return cast(Tensor, self.up(code.unflatten(1, (-1, self.side, self.side))))


class Decoder(nn.Module):
    """Three Ups, with Res for images and without for masks, a 1x1 convolution and a sigmoid."""

    def __init__(self, channels: Sequence[int], channels_out: int, residual: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width, after in zip(channels, channels[1:], strict=False):
            layers += [Up(width, after), Res(after)] if residual else [Up(width, after)]
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(channels[-1], channels_out, 1)

    def forward(self, code: Float[Tensor, "b inter h h"]) -> Float[Tensor, "b c r r"]:
        """In 0..1."""
        return torch.sigmoid(self.head(self.body(code)))


class DFAutoencoder(nn.Module):
    """The face-swap autoencoder df: `decoder_src(code(dst))` is src's face in dst's pose.

    Sizes are free; the layers are DeepFaceLab's (models/Model_SAEHD, archi "df").
    `resolution` is a multiple of 16. `mask_dim` adds a mask decoder for each person.

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
    ) -> None:
        super().__init__()
        if resolution % 16:
            raise ValueError(f"resolution must be a multiple of 16, not {resolution}")
        self.resolution = resolution
        self.encoder = Encoder(resolution, encoder_dim, code_dim, inter_dim)
        self.images = _decoders([inter_dim, *decoder_dims], 3, residual=True)
        masks = [4 * mask_dim, 2 * mask_dim, mask_dim] if mask_dim else []
        self.masks = _decoders([inter_dim, *masks], 1, residual=False) if masks else None
        _initialise(self)

    def encode(self, x: Float[Tensor, "b 3 r r"]) -> Float[Tensor, "b inter h h"]:
        """What both people share: pose, expression, light."""
        return cast(Tensor, self.encoder(x))

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


def _decoders(channels: Sequence[int], channels_out: int, residual: bool) -> nn.ModuleDict:
    return nn.ModuleDict(
        {name: Decoder(channels, channels_out, residual) for name in ("src", "dst")}
    )


def _initialise(net: nn.Module) -> None:
    """He's initialisation: the default of torch is too small to train in minutes."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
