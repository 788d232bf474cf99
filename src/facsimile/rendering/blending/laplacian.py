"""Multi-band blending: each octave of detail over a transition of its own width."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Image = Float32[np.ndarray, "_ _ *c"]


def laplacian(
    region: UInt8[np.ndarray, "h w 3"],
    face: Float32[np.ndarray, "h w 3"],
    opacity: Float32[np.ndarray, "h w"],
    reach: float = 0.2,
) -> UInt8[np.ndarray, "h w 3"]:
    """Blend the Laplacian pyramids of both by the mask's Gaussian pyramid.

    Burt and Adelson, "A multiresolution spline with application to image mosaics", 1983. The mask
    is drawn in by as much as the coarsest octave spreads, so that none reaches over its edge.

    Args:
        region: As in `Blend`, like the result.
        face: As there.
        opacity: As there.
        reach: Width of the coarsest octave's transition, in radii of the largest circle inside the
            mask.
    """
    levels = max(1, int(np.log2(max(2.0, reach * _radius(opacity)))))
    inner = _drawn_in(opacity, 3 * 2 ** (levels - 1))
    bands = [
        one + weight[..., None] * (other - one)
        for one, other, weight in zip(
            _bands(region.astype(np.float32), levels),
            _bands(np.clip(255 * face, 0, 255).astype(np.float32), levels),
            _octaves(inner, levels),
            strict=True,
        )
    ]
    result = bands.pop()
    while bands:
        finer = bands.pop()
        result = finer + _up(result, finer)
    bounded = np.clip(np.rint(result), 0, 255).astype(np.uint8)
    return np.where(opacity[..., None] > 0, bounded, region)


def _radius(mask: Float32[np.ndarray, "h w"]) -> float:
    inside = np.pad((mask > 0.5).astype(np.uint8), 1)  # so that a full mask has an edge
    return float(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3).max())


def _drawn_in(mask: Float32[np.ndarray, "h w"], radius: int) -> Float32[np.ndarray, "h w"]:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask, disc), np.float32)


def _octaves(image: Image, levels: int) -> list[Image]:
    """The image and its reductions to a half, a quarter..."""
    octaves = [image]
    for _ in range(levels):
        octaves.append(np.asarray(cv2.pyrDown(octaves[-1]), np.float32))
    return octaves


def _bands(image: Image, levels: int) -> list[Image]:
    """What each octave has and the next lacks; the last is the coarsest octave itself."""
    octaves = _octaves(image, levels)
    pairs = zip(octaves[:-1], octaves[1:], strict=True)
    return [*(one - _up(coarse, one) for one, coarse in pairs), octaves[-1]]


def _up(image: Image, like: Image) -> Image:
    return np.asarray(cv2.pyrUp(image, dstsize=(like.shape[1], like.shape[0])), np.float32)
