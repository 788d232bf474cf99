"""Adversarial term on patches of the face."""

from jaxtyping import Float
from torch import Tensor, nn

from facsimile.losses.adversarial import adversarial
from facsimile.losses.channels import rgb
from facsimile.losses.term import Term


class PatchGAN(Term):
    """A discriminator of patches has to take what is given back for a picture.

    It learns beside the net: its parameters are the loss's own and belong in the optimizer. Its
    own loss is weighted as the net's is, which to Adam and its kin makes no difference. One
    discriminator serves both people; DeepFaceLab has it for the source alone.

    Args:
        weight: See `Term`; DeepFaceLab's users take about 0.1, late in a training.
        discriminator: Images to a sequence of maps of logits, > 0 for real.
    """

    def __init__(self, discriminator: nn.Module, weight: float = 0.1) -> None:
        super().__init__(weight)
        self.discriminator = discriminator

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the loss of the net, in training with that of the discriminator."""
        return adversarial(self.discriminator, rgb(target), rgb(preds), self.training)
