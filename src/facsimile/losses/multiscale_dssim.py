"""Structural dissimilarity of faces, at the scales that fit their size."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from facsimile.losses.channels import rgb
from facsimile.losses.dssim import ssim_map
from facsimile.losses.ellipse import ellipse_mean
from facsimile.losses.term import Term

LARGE = 256  # pixels from which structure is compared at two scales


def windows_for(resolution: int) -> tuple[int, ...]:
    """DeepFaceLab's windows, pixels: r/11.6, and from 256 px also r/23.2.

    >>> windows_for(128), windows_for(256)
    ((11,), (22, 11))
    """
    scales = (11.6, 23.2) if resolution >= LARGE else (11.6,)
    return tuple(int(resolution / scale) for scale in scales)


def multiscale_dssim(
    preds: Float[Tensor, "b 3 h w"],
    target: Float[Tensor, "b 3 h w"],
    windows: Sequence[int],
    sigma: float = 1.5,
    outside: float = 1.0,
) -> Float[Tensor, ""]:
    """Return the mean over the windows of (1 - SSIM) / 2, the face's ellipse weighing 1.

    >>> image = torch.rand(1, 3, 32, 32)
    >>> float(multiscale_dssim(image, image, (11, 5)))
    0.0
    """
    size = preds.shape[-1]
    maps = (ssim_map(preds, target, window, sigma) for window in windows)
    return torch.stack([(1 - ellipse_mean(m, size, outside)) / 2 for m in maps]).mean()


class MultiscaleDSSIM(Term):
    """Structural dissimilarity in 0..1 as DeepFaceLab takes it, which weighs it 10.

    Args:
        weight: See `Term`.
        windows: Sides of the Gaussian windows, pixels; null: those that fit the resolution.
        sigma: Of the windows, pixels.
        outside: Weight of what lies outside the face's ellipse.
    """

    def __init__(
        self,
        weight: float = 10.0,
        windows: Sequence[int] | None = None,
        sigma: float = 1.5,
        outside: float = 1.0,
    ) -> None:
        super().__init__(weight)
        self.windows, self.sigma, self.outside = windows, sigma, outside

    def forward(
        self, preds: Float[Tensor, "b p h w"], target: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, ""]:
        """Return the batch's mean dissimilarity."""
        windows = self.windows or windows_for(preds.shape[-1])
        return multiscale_dssim(rgb(preds), rgb(target), windows, self.sigma, self.outside)
