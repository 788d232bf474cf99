import numpy as np
import pytest

from facsimile.faces.flicker import flicker, jitter


def test_jitter_of_noise_is_what_statistics_says():
    """A second difference of noise has six times its variance: a Rayleigh mean of sqrt(3 pi)."""
    rng = np.random.default_rng(0)
    face = np.array([[0.0, 0], [40, 0], [20, 20]])
    noise = rng.normal(0, 0.5, (4000, 3, 2))
    expected = 0.5 * np.sqrt(3 * np.pi) / 40
    assert jitter(face + noise) == pytest.approx(expected, rel=0.03)


def test_motion_counts_nothing_and_size_neither():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.5, (50, 5, 2)) + np.array(
        [[0, 0], [40, 0], [20, 20], [5, 40], [35, 40]]
    )
    moving = noise + np.arange(50)[:, None, None] * [3, 1]
    assert jitter(moving) == pytest.approx(jitter(noise), rel=0.02)
    assert jitter(3 * noise) == pytest.approx(jitter(noise), rel=1e-6)


def test_frames_without_a_face_are_left_out():
    landmarks = np.random.default_rng(2).normal(0, 1, (20, 5, 2)) + np.arange(5)[:, None] * 10
    gap = landmarks.copy()
    gap[10] = np.nan
    expected = [jitter(landmarks[i : i + 3]) for i in range(18) if not 8 <= i <= 10]
    assert jitter(gap) == pytest.approx(np.mean(expected))
    assert np.isnan(jitter(landmarks[:2]))
    assert np.isnan(jitter(np.full((5, 5, 2), np.nan)))


def test_flicker_is_the_mean_second_difference():
    pictures = np.random.default_rng(3).integers(0, 256, (12, 8, 9, 3), np.uint8)
    expected = np.abs(np.diff(pictures.astype(float), 2, axis=0)).mean()
    assert flicker(pictures) == pytest.approx(expected, rel=1e-5)
    assert np.isnan(flicker(pictures[:2]))
