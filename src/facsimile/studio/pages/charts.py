"""Histograms as inline SVG: what the template draws, without any style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 300, 110
_LEFT, _TOP, _BOTTOM = 4, 8, 20
_BINS = 16


@dataclass(frozen=True)
class Bar:
    """A column, in the drawing's own units, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True)
class Histogram:
    """How often a quality has which values."""

    title: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    told: str
    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - _BOTTOM


def histogram(title: str, values: Sequence[float]) -> Histogram | None:
    """How the finite ones of the values are spread; None where there is none.

    >>> drawn = histogram("Sharpness", [1.0, 2.0, 2.0, 5.0, float("nan")])
    >>> drawn.low, drawn.high, drawn.told
    ('1', '5', 'Sharpness of 4 faces: from 1 to 5, half of them below 2')
    >>> sum(bar.height > 0 for bar in drawn.bars)
    3
    """
    known = np.asarray([value for value in values if np.isfinite(value)], dtype=float)
    if not len(known):
        return None
    counts, edges = np.histogram(known, bins=_BINS)
    low, high, middle = (f"{number:.3g}" for number in (known.min(), known.max(), np.median(known)))
    told = f"{title} of {len(known)} faces: from {low} to {high}, half of them below {middle}"
    return Histogram(title, tuple(_bars(counts, edges)), low, high, told)


def _bars(counts: np.ndarray, edges: np.ndarray) -> list[Bar]:
    step = (WIDTH - 2 * _LEFT) / len(counts)
    tall = HEIGHT - _TOP - _BOTTOM
    heights = tall * counts / max(1, counts.max())
    return [
        Bar(
            round(_LEFT + place * step + 1, 1),
            round(HEIGHT - _BOTTOM - height, 1),
            round(step - 2, 1),
            round(height, 1),
            f"{edges[place]:.3g} to {edges[place + 1]:.3g}: {counts[place]}",
        )
        for place, height in enumerate(heights.tolist())
    ]
