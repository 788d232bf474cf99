"""Bringing a face into the upright square crop by a similarity of its five landmarks."""

import cv2
import numpy as np
from jaxtyping import Float, Float64, UInt8

# Eye centres, nose tip and mouth corners of the mean face of DeepFaceLab and faceswap (dlib's 68
# points), whose unit square holds the face from brows to mouth; centred, so that a mirrored face
# is aligned to the mirrored crop.
_MEAN_FACE = np.array(
    [
        [-0.264635, -0.284010],
        [0.264635, -0.284010],
        [0.0, 0.015625],
        [-0.235978, 0.280233],
        [0.235978, 0.280233],
    ]
)


def template(size: int, coverage: float) -> Float64[np.ndarray, "5 2"]:
    """Where the landmarks lie in the crop, in pixels (the first pixel's centre is 0).

    >>> template(128, 1.6).round(1).tolist()[2]
    [63.5, 64.8]
    """
    return _MEAN_FACE * (size / coverage) + (size - 1) / 2


def similarity(
    landmarks: Float[np.ndarray, "5 2"], size: int, coverage: float
) -> Float64[np.ndarray, "2 3"]:
    """The rotation, scale and shift from image to crop pixels that fits best (Umeyama 1991).

    Args:
        landmarks: In image pixels.
        size: Side of the crop, pixels.
        coverage: Field of view in DeepFaceLive's terms: 1.0 is the half face, 1.6 the full face
            from above the brows to the chin, 2.1 the whole face with forehead.
    """
    source = landmarks.astype(np.float64)
    target = template(size, coverage)
    source_mean, target_mean = source.mean(0), target.mean(0)
    centred = source - source_mean
    u, singular, vt = np.linalg.svd((target - target_mean).T @ centred)
    # A reflection would fit a degenerate face better; a face is never one.
    sign = np.array([1.0, np.sign(np.linalg.det(u @ vt)) or 1.0])
    rotation = (u * sign) @ vt
    scale = float(singular @ sign) / max(float((centred**2).sum()), 1e-12)
    shift = target_mean - scale * rotation @ source_mean
    return np.hstack([scale * rotation, shift[:, None]])


def transform(
    points: Float[np.ndarray, "n 2"], matrix: Float[np.ndarray, "2 3"]
) -> Float64[np.ndarray, "n 2"]:
    """Points carried by an affine matrix.

    >>> transform(np.array([[1.0, 2.0]]), np.array([[2.0, 0, 1], [0, 2, 0]])).tolist()
    [[3.0, 4.0]]
    """
    moved: np.ndarray = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return moved


def invert(matrix: Float[np.ndarray, "2 3"]) -> Float64[np.ndarray, "2 3"]:
    """The affine matrix that leads back."""
    back = np.linalg.inv(matrix[:, :2])
    return np.hstack([back, -back @ matrix[:, 2:]])


def warp(
    image: UInt8[np.ndarray, "h w *c"],
    matrix: Float[np.ndarray, "2 3"],
    size: int | tuple[int, int],
) -> UInt8[np.ndarray, "h2 w2 *c"]:
    """Draw the image through an affine matrix, the border repeated outwards.

    Where the matrix shrinks, the result is averaged over the pixels it covers, so that a large
    face does not alias.

    Args:
        image: uint8, any number of channels.
        matrix: From image to result pixels.
        size: Side of a square result, or its (width, height), pixels.
    """
    width, height = (size, size) if isinstance(size, int) else size
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    factor = int(np.ceil(1 / max(float(scale), 1 / 16)))
    fine = np.array(matrix, np.float64) * factor
    fine[:, 2] += (factor - 1) / 2  # the centre of a pixel is that of its factor x factor parts
    drawn = cv2.warpAffine(
        image,
        fine,
        (width * factor, height * factor),
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor == 1:
        return np.asarray(drawn, np.uint8)
    return np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
