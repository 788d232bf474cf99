"""Gradient-domain blending: the face's gradients, the frame's colours along the edge."""

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

from facsimile.rendering.blending.feathered import feathered

_COARSEST = 4  # pixels; below this a membrane is flat
_CROSS = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
_SWEEPS = 24  # on each scale: an error below half a grey level, as measured


def poisson(
    region: UInt8[np.ndarray, "h w 3"],
    face: Float32[np.ndarray, "h w 3"],
    opacity: Float32[np.ndarray, "h w"],
    edge: float = 0.5,
) -> UInt8[np.ndarray, "h w 3"]:
    """Add to the face the smoothest change that makes it meet the frame along the mask's edge.

    Perez, Gangnet and Blake, "Poisson image editing", 2003, equation 5: the change is a membrane,
    harmonic inside the mask and the difference of both on its edge, solved by Jacobi sweeps from
    coarse to fine. Along the frame's own border the membrane is free; a mask that has no edge
    leaves the face as it is. Where the mask is soft, both are mixed by it as well.

    Args:
        region: As in `Blend`, like the result.
        face: As there.
        opacity: As there.
        edge: Share of the greatest opacity above which a pixel is inside: a soft mask reaches
            over what is no face, whose colours would spread.
    """
    outside = opacity <= edge * opacity.max()
    if outside.all() or not outside.any():
        return feathered(region, face, opacity)
    gap = (region / np.float32(255) - face).astype(np.float32)
    meeting = np.clip(face + _membrane(gap, outside), 0, 1)
    return feathered(region, meeting, opacity)


def _membrane(
    gap: Float32[np.ndarray, "h w 3"], known: Bool[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 3"]:
    """The values where they are known, and a harmonic surface between them elsewhere."""
    height, width = known.shape
    if known.all():
        return gap
    if min(height, width) <= _COARSEST:
        start = np.broadcast_to(gap[known].mean(0), gap.shape)
    else:
        start = cv2.resize(_membrane(*_halved(gap, known)), (width, height))
    surface = np.where(known[..., None], gap, start).astype(np.float32)
    for _ in range(_SWEEPS):
        swept = cv2.filter2D(surface, -1, _CROSS, borderType=cv2.BORDER_REPLICATE)
        surface = np.where(known[..., None], gap, swept)
    return surface


def _halved(
    gap: Float32[np.ndarray, "h w 3"], known: Bool[np.ndarray, "h w"]
) -> tuple[Float32[np.ndarray, "h2 w2 3"], Bool[np.ndarray, "h2 w2"]]:
    """At half the size; a pixel is known where one of its four is, as the mean of those."""
    size = ((known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2)
    share = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    summed = cv2.resize(gap * known[..., None], size, interpolation=cv2.INTER_AREA)
    return summed / np.maximum(share, 1e-6)[..., None], share > 1e-6
