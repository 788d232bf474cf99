"""Negative PSNR as a loss."""

import torch
from jaxtyping import Float
from torch import Tensor

from facsimile.losses.term import Term


class LogError(Term):
    """Mean over images of log10(MSE + epsilon); images in 0..1, computed in float32.

    One unit is 10 dB of PSNR. The gradient of each image is divided by its own error, so hardly
    degraded images, whose errors are small, count as much as wrecked ones; `epsilon` bounds that
    (1e-4: 40 dB). Source: Chen et al. 2021, "HINet", and NAFNet after it.

    >>> image = torch.zeros(1, 3, 4, 4)
    >>> round(float(LogError(epsilon=0.01)(image, image)), 3)
    -2.0
    """

    def __init__(self, weight: float = 1.0, epsilon: float = 1e-4) -> None:
        super().__init__(weight)
        self.epsilon = epsilon

    def forward(
        self, preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean."""
        squared = (preds.float() - target.float()) ** 2
        return torch.log10(squared.mean(dim=(1, 2, 3)) + self.epsilon).mean()
