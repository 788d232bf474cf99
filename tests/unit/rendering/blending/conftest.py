import numpy as np
import pytest

SIZE = (90, 110)


@pytest.fixture
def seam() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A frame of soft light, the same details in another light for a face, and a hard disc."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    grain = rng.normal(0, 3, (*SIZE, 1))
    frame = np.stack([90 + 0.4 * x, 110 + 0.3 * y, 100 + 0.2 * (x + y)], -1) + grain
    face = (frame + [50, -25, 15] + 0.2 * x[..., None]) / 255
    disc = np.hypot(x - 55, y - 45) < 32
    return frame.astype(np.uint8), face.astype(np.float32), disc.astype(np.float32)


@pytest.fixture
def step_at_seam():
    """How much brighter the picture gets on the way over the edge, beyond what the frame does."""

    def measure(result: np.ndarray, frame: np.ndarray, opacity: np.ndarray) -> float:
        change = result.astype(float) - frame
        hard = opacity > 0.5
        across = [np.diff(change, axis=axis)[np.diff(hard, axis=axis)] for axis in (0, 1)]
        return float(np.abs(np.concatenate(across)).mean())

    return measure
