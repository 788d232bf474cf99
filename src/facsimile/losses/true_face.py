"""Adversarial term on the codes: the source's should look like the target's."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.losses.adversarial import adversarial


class TrueFace(nn.Module):
    """A discriminator of codes has to take the source's code for one of the target's.

    For the df family, whose decoders see one code (DeepFaceLab's "true face power"): a source
    decoder then meets at rendering what it was trained on. See `PatchGAN` for how the
    discriminator learns. It is made by `for_codes`, when the net is known whose codes it sees.

    Args:
        discriminator: Makes, for so many channels and such a side of codes, what turns codes into
            a sequence of maps of logits, > 0 for the target's.
        weight: DeepFaceLab's users take about 0.01.
    """

    def __init__(
        self, discriminator: Callable[[int, int], nn.Module], weight: float = 0.01
    ) -> None:
        super().__init__()
        self.make, self.weight = discriminator, weight
        self.discriminator: nn.Module | None = None

    def for_codes(self, channels: int, side: int) -> "TrueFace":
        """Take a discriminator of codes of that shape."""
        self.discriminator = self.make(channels, side)
        return self

    def forward(
        self, code_src: Float[Tensor, "b c y x"], code_dst: Float[Tensor, "b c y x"]
    ) -> Float[Tensor, ""]:
        """Return the weighted loss of the encoder, in training with the discriminator's.

        Raises:
            ValueError: `for_codes` was not called.
        """
        if self.discriminator is None:
            raise ValueError("there is no discriminator yet: for_codes makes it")
        return self.weight * adversarial(self.discriminator, code_dst, code_src, self.training)
