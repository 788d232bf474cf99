"""What a swapped face is trained on, composed by configuration."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from facsimile.losses.masked import mask_out
from facsimile.losses.term import Term
from facsimile.losses.true_face import TrueFace
from facsimile.losses.weighted_sum import WeightedSum


class SwapLoss(nn.Module):
    """Weighted sum of terms; errors are taken in float32, whatever the net computes in.

    Args:
        terms: By name; one that weighs nothing is left out.
        masked: Whether terms see only the face: both pictures times the blurred mask.
        true_face: Adds the adversarial loss of the codes, see `of_codes`.

    Example:
        >>> from facsimile.losses.pixel_error import PixelError
        >>> loss = SwapLoss({"l1": PixelError(nn.L1Loss(reduction="none"), weight=2.0)})
        >>> float(loss(torch.zeros(1, 3, 8, 8), None, torch.full((1, 3, 8, 8), 0.5)))
        1.0
    """

    def __init__(
        self,
        terms: Mapping[str, Term],
        masked: bool = False,
        true_face: TrueFace | None = None,
    ) -> None:
        super().__init__()
        self.terms = WeightedSum(terms)
        self.masked, self.true_face = masked, true_face

    def forward(
        self,
        preds: Float[Tensor, "b 3 h w"],
        mask: Float[Tensor, "b 1 h w"] | None,
        target: Float[Tensor, "b c h w"],
    ) -> Float[Tensor, ""]:
        """Compare the faces that one person's decoder gave back, and its masks, with the target.

        Images are in 0..1; channels of the target as in `facsimile.losses.channels`.

        Raises:
            UserError: A term needs a channel that the target has not.
        """
        shown = (preds if mask is None else torch.cat([preds, mask], dim=1)).float()
        if self.masked:
            shown, target = mask_out(shown, target)
        value: Tensor = self.terms(shown, target)
        return value

    def of_codes(
        self, code_src: Float[Tensor, "b c y x"], code_dst: Float[Tensor, "b c y x"]
    ) -> Float[Tensor, ""]:
        """Return the weighted loss of the two people's codes, 0 without `true_face`."""
        if self.true_face is None:
            return code_src.new_zeros((), dtype=torch.float32)
        value: Tensor = self.true_face(code_src, code_dst)
        return value
