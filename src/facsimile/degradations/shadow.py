"""A cast shadow with soft edges, anywhere in the image."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float, UInt8

# The polygon's corners, as a part of a circle and of half the longer side.
CORNERS = 6
RADIUS = (0.35, 0.9)


class Shadow:
    """Darkens one side of a random line, or a random polygon.

    What lies in the shadow is multiplied by a `factor`, drawn uniformly from its range. The
    edge is blurred by a Gaussian whose sigma is drawn from the range `softness`, a part of the
    image's longer side. (albumentations' RandomShadow has hard edges.)
    """

    def __init__(
        self,
        factor: Sequence[float] = (0.3, 0.6),
        softness: Sequence[float] = (0.01, 0.08),
    ) -> None:
        self.factor, self.softness = _span(factor), _span(softness)

    def __call__(
        self, image: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Return the image with a shadow on it."""
        height, width = image.shape[:2]
        draw = _half_plane if rng.random() < 0.5 else _polygon
        covered = draw(height, width, rng)
        sigma = float(rng.uniform(*self.softness)) * max(height, width)
        covered = cv2.GaussianBlur(covered, (0, 0), max(sigma, 1e-3))
        light = 1 - covered * np.float32(1 - rng.uniform(*self.factor))
        return np.asarray(np.rint(image * light[..., None]), np.uint8)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = values
    return float(low), float(high)


def _half_plane(height: int, width: int, rng: np.random.Generator) -> Float[np.ndarray, "h w"]:
    # The line passes through the middle part, so neither side is ever the whole image.
    angle = rng.uniform(0, 2 * np.pi)
    x, y = rng.uniform(0.25, 0.75) * width, rng.uniform(0.25, 0.75) * height
    rows, columns = np.mgrid[:height, :width]
    side = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
    return np.asarray(side > 0, np.float32)


def _polygon(height: int, width: int, rng: np.random.Generator) -> Float[np.ndarray, "h w"]:
    centre = rng.uniform(0.15, 0.85, 2) * (width, height)
    angles = np.sort(rng.uniform(0, 2 * np.pi, CORNERS))
    radii = rng.uniform(*RADIUS, CORNERS) * max(height, width) / 2
    corners = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    covered = np.zeros((height, width), np.float32)
    cv2.fillPoly(covered, [np.rint(corners).astype(np.int32)], 1.0)
    return covered
