"""Tells whose code it is."""

from jaxtyping import Float
from torch import Tensor, nn

SLOPE = 0.1  # of LeakyReLU


class CodeDiscriminator(nn.Sequential):
    """Strided convolutions and a 1x1 convolution to logits (DeepFaceLab's CodeDiscriminator).

    Args:
        channels: Of the code.
        side: Of the code, pixels; one convolution and one more for every 8 of them.
        width: Channels of the first convolution, doubled by each one after it, eightfold at most.

    Example:
        >>> import torch
        >>> [logits] = CodeDiscriminator(6, 8, width=4)(torch.rand(2, 6, 8, 8))
        >>> tuple(logits.shape)
        (2, 1, 3, 3)
    """

    def __init__(self, channels: int, side: int, width: int = 256) -> None:
        widths = [channels, *(width * min(2**level, 8) for level in range(1 + side // 8))]
        layers: list[nn.Module] = []
        for level, (before, after) in enumerate(zip(widths, widths[1:], strict=False)):
            kernel = 3 if level else 4
            layers += [nn.Conv2d(before, after, kernel, 2, kernel // 2), nn.LeakyReLU(SLOPE)]
        super().__init__(*layers, nn.Conv2d(widths[-1], 1, 1))

    def forward(self, code: Float[Tensor, "b c y x"]) -> tuple[Float[Tensor, "b 1 p q"]]:
        """Logits of being the target's."""
        logits: Tensor = super().forward(code)  # type: ignore[no-untyped-call]
        return (logits,)
