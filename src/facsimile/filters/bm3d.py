"""BM3D: block matching and 3D filtering."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Int, UInt8

from facsimile.filters.block_matching import Search, match_blocks
from facsimile.filters.collaborative import BLOCK, Estimate, hard_threshold, wiener_shrink
from facsimile.filters.noise import estimate_noise

# Lebrun's parameters for noise up to 40 levels
STEP, THRESHOLD = 3, 2.7
ROUGH = Search(block=BLOCK, reach=19, most=16, threshold=2500.0)
FINE = Search(block=BLOCK, reach=19, most=32, threshold=400.0)
# An orthonormal turn of RGB to brightness and two opponents: noise stays as it is
OPPONENT = np.array(
    [[3**-0.5] * 3, [2**-0.5, 0, -(2**-0.5)], [6**-0.5, -2 * 6**-0.5, 6**-0.5]], np.float32
)
AT_ONCE = 2000  # references, which bounds memory

Planes = Float[np.ndarray, "h w 3"]
Blocks = Float[np.ndarray, "n m 3 8 8"]
Shrink = Callable[[list[Blocks]], tuple[Blocks, Float[np.ndarray, "n 3"]]]


def bm3d(
    image: UInt8[np.ndarray, "h w 3"], strength: float = 1.0, sigma: float | None = None
) -> UInt8[np.ndarray, "h w 3"]:
    """Remove white noise of standard deviation `strength` times `sigma`, levels of 0..255.

    Blocks that look alike are stacked and their joint spectrum is thresholded; a second pass,
    guided by the first one's result, scales it (Wiener). A `sigma` of None is estimated; no noise
    gives a copy. Blocks are matched by brightness, as CBM3D does. The plane transform is the
    cosine transform in both passes, where Dabov's first has a bior1.5 wavelet. Raises ValueError
    for images below 8x8 and for negative numbers. Source: Dabov et al., IEEE TIP 16(8), 2007;
    parameters from Lebrun, IPOL 2, 2012. About 40 s a megapixel on one core.

    >>> flat = np.full((16, 16, 3), 90, np.uint8)
    >>> bool((bm3d(flat, sigma=10.0) == 90).all())
    True
    """
    if strength < 0 or (sigma is not None and sigma < 0) or min(image.shape[:2]) < BLOCK:
        raise ValueError(f"strength {strength}, sigma {sigma} or size {image.shape[:2]} too small")
    noise = strength * (estimate_noise(image) if sigma is None else sigma)
    if noise == 0:
        return image.copy()
    noisy = image.astype(np.float32) @ OPPONENT.T
    pilot = _filter([noisy], ROUGH, lambda b: hard_threshold(b[0], THRESHOLD * noise))
    clean = _filter([pilot, noisy], FINE, lambda b: wiener_shrink(b[1], b[0], noise))
    return np.asarray(np.clip(np.rint(clean @ OPPONENT), 0, 255), np.uint8)


def _filter(planes: list[Planes], search: Search, shrink: Shrink) -> Planes:
    """One pass; blocks are matched in the first of `planes` and taken from all of them."""
    height, width, channels = planes[0].shape
    guide = np.ascontiguousarray(planes[0][..., 0]) * OPPONENT[0, 0]  # in 0..255 once more
    views = [np.lib.stride_tricks.sliding_window_view(p, (BLOCK, BLOCK), (0, 1)) for p in planes]
    estimate = Estimate(height, width, channels)
    for places, count in _groups(guide, search):
        for size in np.unique(count):
            chosen = places[count == size, :size]
            blocks, weights = shrink([view[chosen[..., 0], chosen[..., 1]] for view in views])
            estimate.add(blocks, weights, chosen)
    return np.asarray(estimate.mean(), np.float32)


def _groups(
    guide: Float[np.ndarray, "h w"], search: Search
) -> Iterator[tuple[Int[np.ndarray, "n m 2"], Int[np.ndarray, " n"]]]:
    """The groups of all references, a few rows of them at a time."""
    rows, columns = (_references(side) for side in guide.shape)
    together = max(1, AT_ONCE // len(columns))
    for start in range(0, len(rows), together):
        yield match_blocks(guide, rows[start : start + together], columns, search)


def _references(side: int) -> Int[np.ndarray, " n"]:
    return np.union1d(np.arange(0, side - BLOCK + 1, STEP), side - BLOCK)
