"""Difference of two images' spectra."""

import torch
from jaxtyping import Float
from torch import Tensor

from facsimile.losses.term import Term


def spectral_error(
    preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]
) -> Float[Tensor, " b"]:
    """Return the mean of |F(preds) - F(target)| over all frequencies of each image.

    F is the orthonormal two-dimensional Fourier transform: white noise of standard deviation s
    costs about .89 s, at whatever size. Computed in float32 whatever the autocast state.

    >>> grey = torch.full((1, 3, 8, 8), 0.5)
    >>> spectral_error(grey, grey + 0.25).tolist()  # all of it at frequency 0: 8 * .25 / 64
    [0.03125]
    """
    with torch.autocast(preds.device.type, enabled=False):
        spectrum = torch.fft.rfft2(preds.float() - target.float(), norm="ortho")
        height, width = preds.shape[-2:]
        weighted: Tensor = spectrum.abs() * _occurrences(width, spectrum.device)
        return weighted.sum(dim=(2, 3)).mean(dim=1) / (height * width)


class FrequencyLoss(Term):
    """Mean spectral error of a batch; images in 0..1.

    Detail that a blur took is spread over many small frequencies, so their absolute errors ask
    for it more than those of pixels do. Source: Cho et al. 2021, "Rethinking Coarse-to-Fine
    Approach in Single Image Deblurring" (MIMO-UNet), which takes real and imaginary parts apart
    and weighs the loss .1 beside L1.
    """

    def forward(
        self, preds: Float[Tensor, "b c h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean."""
        return spectral_error(preds, target).mean()


def _occurrences(width: int, device: torch.device) -> Float[Tensor, " columns"]:
    """How often each column of a real image's half spectrum stands in the whole one."""
    columns = torch.full((width // 2 + 1,), 2.0, device=device)
    columns[0] = 1
    if width % 2 == 0:
        columns[-1] = 1
    return columns
