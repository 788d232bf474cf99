"""Cast shadows with soft edges, anywhere in the image."""

import cv2
import numpy as np
from jaxtyping import Float

from facsimile.degradations.depth import like, white
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span, whole_span

# The polygon's corners, as a part of a circle and of half the longer side.
CORNERS = 6
RADIUS = (0.35, 0.9)


class Shadow:
    """Darkens what lies on one side of a random line, or in a random polygon.

    (albumentations' RandomShadow has hard edges.)

    Args:
        factor: What lies in a shadow is multiplied by this, drawn uniformly.
        softness: Sigma of the Gaussian that blurs the edge, a part of the image's longer side,
            drawn uniformly.
        count: How many shadows, whole numbers from 1 on, drawn uniformly. Each draws all of the
            above; where they meet, the darker one is seen, as of one lamp.
    """

    def __init__(
        self,
        factor: Range = (0.3, 0.6),
        softness: Range = (0.01, 0.08),
        count: Range = 1,
    ) -> None:
        self.factor, self.softness = span(factor, 0, 1), span(softness, 0)
        self.count = whole_span(count, 1, 100)

    def __call__(self, image: Image, rng: np.random.Generator) -> Image:
        """Return the image with its shadows on it."""
        white(image)
        height, width = image.shape[:2]
        # a fixed count draws nothing
        count = int(rng.integers(self.count[0], self.count[1] + 1))
        lights = [self._light(height, width, rng) for _ in range(count)]
        return like(image, image * np.min(lights, axis=0)[..., None])

    def _light(self, height: int, width: int, rng: np.random.Generator) -> Float[np.ndarray, "h w"]:
        draw = _half_plane if rng.random() < 0.5 else _polygon
        covered = draw(height, width, rng)
        sigma = float(rng.uniform(*self.softness)) * max(height, width)
        covered = cv2.GaussianBlur(covered, (0, 0), max(sigma, 1e-3))
        return np.asarray(1 - covered * np.float32(1 - rng.uniform(*self.factor)), np.float32)


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
