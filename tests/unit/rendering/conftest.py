from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facsimile.faces.align import template, transform
from facsimile.faces.detect import Face
from facsimile.media.video import VideoWriter

SIZE = (64, 96)  # height, width of the generated clips


def _landmarks_at(x: float, y: float, scale: float = 0.3) -> np.ndarray:
    """A frontal face around a point; at .3 its 128-pixel crop covers 38 pixels of the frame."""
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    return transform(template(128, 1.6) - 63.5, matrix).astype(np.float32)


class _MarkDetector:
    """Finds the face whose place the frame's first pixels tell: red is x, green is y, 0 is none."""

    def __call__(self, image: np.ndarray) -> list[Face]:
        x, y, _ = (int(value) for value in image[0, 0])
        if x < 20:
            return []
        return [Face((x - 10.0, y - 10.0, 20.0, 20.0), _landmarks_at(x, y), 0.9)]


def _frame_image(index: int, face: bool = True) -> np.ndarray:
    rng = np.random.default_rng(index)
    image = rng.integers(60, 200, (*SIZE, 3), np.uint8)
    image[0:4, 0:4] = [40 + index, 30, 0] if face else [0, 0, 0]
    return image


@pytest.fixture
def landmarks_at():
    return _landmarks_at


@pytest.fixture
def mark_detector():
    return _MarkDetector


@pytest.fixture
def frame_image():
    return _frame_image


@pytest.fixture
def make_clip(tmp_path):
    """Writes a lossless clip; frames listed in `without` show no face."""

    def make(name: str = "clip.mkv", count: int = 12, without: tuple[int, ...] = ()) -> Path:
        path = tmp_path / name
        with VideoWriter(path, SIZE[1], SIZE[0], Fraction(30000, 1001), codec="ffv1") as writer:
            for index in range(count):
                writer.write(_frame_image(index, index not in without))
        return path

    return make
