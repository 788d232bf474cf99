"""How blurred a grey picture is: out of focus, in motion, or cut into blocks by its compression."""

import math

import cv2
import numpy as np
from jaxtyping import Float, UInt8

Grey = UInt8[np.ndarray, "h w"]

_BLOCK = 8  # pixels a side, of JPEG and of MPEG's transforms
_SPAN = 128  # side of the part of the frame in which blocks are looked for, pixels at most
_REBLUR = 11  # of Crete-Roffet et al., and of skimage
_COARSEST = 2.0  # frame pixels a crop pixel: beyond, the edges of blocks are averaged away


def sharpness(grey: Grey) -> float:
    """Variance of the Laplacian (DeepFaceLab's motion blur); 0 is flat.

    >>> sharpness(np.full((8, 8), 90, np.uint8))
    0.0
    """
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    return float(deviation[0, 0] ** 2)


def blur(grey: Grey) -> float:
    """Perceptual blur, 0 for none to 1 (Crete-Roffet et al., The Blur Effect, SPIE 2007).

    What an eleven pixel wide mean leaves of the steepness, along the axis where it leaves more:
    a sharp picture has more to lose. 1 for a flat one.

    >>> blur(np.full((32, 32), 90, np.uint8))
    1.0
    """
    return max(_blur_along(grey, (1, 0)), _blur_along(grey, (0, 1)))


def _blur_along(grey: Grey, axis: tuple[int, int]) -> float:
    """In whole numbers, all times eleven: exact, and faster."""
    wide = (_REBLUR, 1) if axis[0] else (1, _REBLUR)
    sums = cv2.boxFilter(grey, cv2.CV_16S, wide, normalize=False, borderType=cv2.BORDER_REFLECT)
    steep, less = _steepness(grey, axis, _REBLUR), _steepness(sums, axis)
    total = cv2.sumElems(steep)[0]
    return cv2.sumElems(cv2.min(steep, less))[0] / total if total else 1.0


def _steepness(picture: np.ndarray, axis: tuple[int, int], scale: int = 1) -> np.ndarray:
    slope = cv2.Sobel(picture, cv2.CV_16S, *axis, scale=scale, borderType=cv2.BORDER_REFLECT)
    return np.abs(slope[2:-1, 2:-1])


def motion_blur(grey: Grey) -> float:
    """How much more of the detail is lost in one direction than across it, 0 to 1.

    Movement wipes out what is fine along its way; a defocused lens does so in all directions. The
    detail of a direction is the energy of its slopes in the high-passed picture as a share of that
    in the picture itself; the least and the most are the generalised eigenvalues of the two
    structure tensors, and this is 1 - least / most. Sharp faces reach about 0.3.

    >>> motion_blur(np.full((8, 8), 90, np.uint8))
    0.0
    """
    picture = grey.astype(np.float32)
    fine, coarse = _tensor(picture - cv2.blur(picture, (3, 3))), _tensor(picture)
    least, most = _eigenvalues(fine, coarse)
    return 1 - max(least, 0.0) / most if most > 0 else 0.0


def _tensor(picture: np.ndarray) -> tuple[float, float, float]:
    """Of the slopes: across times across, across times down, down times down."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *axis).ravel() for axis in ((1, 0), (0, 1)))
    return float(across @ across), float(across @ down), float(down @ down)


def _eigenvalues(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float]:
    """The lesser and the greater x at which one - x other is singular, in closed form."""
    a, b, c = one
    p, q, r = other
    more = max(1e-9, 1e-3 * (p + r))  # where all slopes go one way
    p, r = p + more, r + more
    determinant = p * r - q * q
    middle = (r * a - 2 * q * b + p * c) / determinant / 2
    spread = math.sqrt(max(middle * middle - (a * c - b * b) / determinant, 0.0))
    return middle - spread, middle + spread


def blockiness(
    grey: Grey,
    landmarks: Float[np.ndarray, "5 2"],
    crop_landmarks: Float[np.ndarray, "5 2"],
) -> float:
    """How much steeper the picture is across its frame's 8x8 grid than beside it, 0 to 1.

    The crop is turned back to the frame's pixels, where JPEG and MPEG cut their blocks. NaN where
    the crop shows too little of that: less than four blocks, or at less than half the size.

    Args:
        grey: The crop.
        landmarks: In pixels of the frame.
        crop_landmarks: The same in pixels of the crop.
    """
    scale, shift = _to_frame(crop_landmarks, landmarks)
    turned = abs(scale.real) + abs(scale.imag)
    side = int(min(_SPAN, min(grey.shape) * abs(scale) ** 2 / max(turned, 1e-9))) // _BLOCK * _BLOCK
    if side < 4 * _BLOCK or abs(scale) > _COARSEST:
        return float("nan")
    centre = scale * complex((grey.shape[1] - 1) / 2, (grey.shape[0] - 1) / 2) + shift
    corner = complex(*(round((c - side / 2) / _BLOCK) * _BLOCK for c in (centre.real, centre.imag)))
    upright = _drawn(grey, 1 / scale, (corner - shift) / scale, side)
    return _excess(upright)


def _to_frame(crop_landmarks: np.ndarray, landmarks: np.ndarray) -> tuple[complex, complex]:
    """Frame pixel = scale * crop pixel + shift, points as complex numbers, by least squares."""
    crop, frame = (points.astype(np.float64) @ [1, 1j] for points in (crop_landmarks, landmarks))
    centred = crop - crop.mean()
    scale = np.vdot(centred, frame) / max(np.vdot(centred, centred).real, 1e-12)
    return complex(scale), complex(frame.mean() - scale * crop.mean())


def _drawn(grey: np.ndarray, scale: complex, shift: complex, side: int) -> np.ndarray:
    matrix = np.array([[scale.real, -scale.imag, shift.real], [scale.imag, scale.real, shift.imag]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(grey, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _excess(picture: np.ndarray) -> float:
    """Of the steps from pixel to pixel: those onto a new block, against those within blocks."""
    down = cv2.reduce(cv2.absdiff(picture[1:], picture[:-1]), 1, cv2.REDUCE_AVG, dtype=cv2.CV_64F)
    across = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    steps = down.ravel() + cv2.reduce(across, 0, cv2.REDUCE_AVG, dtype=cv2.CV_64F).ravel()
    phases = np.append(steps, 0.0).reshape(-1, _BLOCK)  # what is appended stands for no step
    onto, within = phases[:-1, -1].mean(), phases[:, 1:-2].mean()
    return max(0.0, float((onto - within) / (onto + within))) if onto + within else 0.0
