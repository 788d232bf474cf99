"""Confetti that falls through the picture."""

import colorsys

import cv2
import numpy as np
from jaxtyping import Float

from facsimile.degradations.depth import white
from facsimile.degradations.over_time.layers import fill, over
from facsimile.degradations.over_time.protocol import FrameDegradation
from facsimile.degradations.protocol import Image
from facsimile.degradations.ranges import Range, span, whole_span

_MARGIN = 0.15  # of the frame: they appear and vanish outside


class Particles:
    """Strips of coloured paper that fall, drift and tumble.

    Args:
        count: Whole numbers from 1 on, drawn.
        size: Their longer side, a part of the frame's shorter side, drawn for each.
        fall: Heights of the frame a second, drawn for each; larger ones are nearer and fall faster.
        opacity: A part of 1, drawn for each.
        softness: Sigma of the blur, in sizes of the particle: those near are out of focus.
    """

    def __init__(
        self,
        count: Range,
        size: Range = (0.015, 0.06),
        fall: Range = (0.15, 0.5),
        opacity: Range = (0.6, 0.95),
        softness: int | float = 0.08,
    ) -> None:
        self.count, self.size = whole_span(count, 1, 10_000), span(size, 1e-4, 1)
        self.fall, self.opacity = span(fall, 0), span(opacity, 0, 1)
        (self.softness, _) = span(softness, 0)

    def drawn(self, rng: np.random.Generator) -> FrameDegradation:
        """Draw the particles."""
        count = int(rng.integers(self.count[0], self.count[1] + 1))
        papers = sorted((self._paper(rng) for _ in range(count)), key=lambda paper: paper.size)

        def degrade(image: Image, time: float) -> Image:
            white(image)
            layer, alpha = np.zeros(image.shape, np.uint8), np.zeros(image.shape[:2], np.uint8)
            for paper in papers:
                corners = paper.corners(image.shape[0], image.shape[1], time)
                fill(layer, corners, paper.colour(time))
                fill(alpha, corners, paper.opacity)
            sigma = max(1e-3, self.softness * self.size[1] * min(image.shape[:2]))
            seen = cv2.GaussianBlur(alpha.astype(np.float32) / 255, (0, 0), sigma)
            # blurred alike, so that an edge does not show the black that lies behind it
            parts = layer.astype(np.float32) / 255 * (alpha[..., None] > 0)
            colour = cv2.GaussianBlur(parts, (0, 0), sigma)
            there = cv2.GaussianBlur((alpha > 0).astype(np.float32), (0, 0), sigma)
            return over(image, colour / np.maximum(there, 1e-3)[..., None], seen)

        return degrade

    def _paper(self, rng: np.random.Generator) -> "_Paper":
        near = rng.uniform()
        size, fall = (low + near * (high - low) for low, high in (self.size, self.fall))
        return _Paper(
            size, fall, rng.uniform(*self.opacity), rng.uniform(0, 1, 2), rng.uniform(0, 1, 5)
        )


class _Paper:
    """One strip: `start` across and down, `rest` its hue, sway and two ways of turning."""

    def __init__(
        self, size: float, fall: float, opacity: float, start: np.ndarray, rest: np.ndarray
    ) -> None:
        self.size, self.fall, self.opacity = size, fall, float(opacity)
        self.start, self.rest = start, rest

    def corners(self, height: int, width: int, time: float) -> Float[np.ndarray, "4 2"]:
        """Where they are, in pixels."""
        _, sway, turning, tumbling, phase = self.rest
        swing = 0.04 * np.sin(2 * np.pi * (phase + (0.3 + sway) * time))
        across = (self.start[0] + swing + 0.05 * (sway - 0.5) * time) % 1
        down = (self.start[1] + self.fall * time) % 1
        place = (np.array([across, down]) * (1 + 2 * _MARGIN) - _MARGIN) * (width, height)
        angle = 2 * np.pi * (phase + (turning - 0.5) * time)
        thin = 0.15 + 0.85 * abs(np.cos(2 * np.pi * (phase + (0.5 + tumbling) * time)))
        half = self.size * min(height, width) / 2
        square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (half, 0.5 * half * thin)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return np.asarray(place + square @ turn.T, float)

    def colour(self, time: float) -> tuple[float, float, float]:
        """Brighter when it faces the viewer."""
        hue, _, _, tumbling, phase = self.rest
        facing = abs(np.cos(2 * np.pi * (phase + (0.5 + tumbling) * time)))
        return colorsys.hsv_to_rgb(hue, 0.75, 0.55 + 0.45 * facing)
