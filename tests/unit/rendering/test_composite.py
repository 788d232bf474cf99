import numpy as np
import pytest

from facsimile.faces.align import similarity, template, warp
from facsimile.faces.masks import ellipse_mask, tight_mask
from facsimile.rendering.composite import paste

SIZE = 128


@pytest.fixture
def frame() -> np.ndarray:
    """A smooth picture, which survives being drawn twice."""
    y, x = np.mgrid[0:150, 0:200]
    channels = [100 + 60 * np.sin(x / 20), 120 + 50 * np.cos(y / 25), 90 + (x + y) / 5]
    return np.stack(channels, -1).astype(np.uint8)


def test_pasting_a_crop_back_restores_the_frame(frame, landmarks_at):
    """The way there and the way back are the same: no shift, no change of colour."""
    matrix = similarity(landmarks_at(100, 70, 0.6), SIZE, 1.6)
    face = warp(frame, matrix, SIZE).astype(np.float32) / 255
    mask = tight_mask(template(SIZE, 1.6), SIZE, 0.0)
    result = paste(frame, face, mask, matrix)
    assert np.abs(result.astype(int) - frame).max() <= 2


def test_changes_only_what_the_mask_covers(frame, landmarks_at):
    matrix = similarity(landmarks_at(100, 70, 0.6), SIZE, 1.6)
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[40:88, 40:88] = 1
    result = paste(frame, np.ones((SIZE, SIZE, 3), np.float32), mask, matrix)
    changed = np.argwhere((result != frame).any(-1))
    assert result[70, 100].tolist() == [255] * 3
    assert changed.min(0).tolist() >= [55, 85]
    assert (changed.max(0) <= [86, 116]).all()


def test_leaves_its_input_alone(frame, landmarks_at):
    before = frame.copy()
    matrix = similarity(landmarks_at(100, 70), SIZE, 1.6)
    paste(frame, np.zeros((SIZE, SIZE, 3), np.float32), ellipse_mask(SIZE), matrix)
    np.testing.assert_array_equal(frame, before)


@pytest.mark.parametrize("place", [(2, 3), (198, 148), (100, 2), (-15, 70)])
def test_a_face_over_the_border_is_cut_off_there(frame, place, landmarks_at):
    matrix = similarity(landmarks_at(*place, 0.6), SIZE, 1.6)
    mask, white = ellipse_mask(SIZE), np.ones((SIZE, SIZE, 3), np.float32)
    result = paste(frame, white, mask, matrix)
    assert result.shape == frame.shape
    y, x = np.clip(place[1], 0, 149), np.clip(place[0], 0, 199)
    assert result[y, x].min() > 230


def test_a_face_outside_of_the_frame_changes_nothing(frame, landmarks_at):
    matrix = similarity(landmarks_at(-300, -300), SIZE, 1.6)
    result = paste(frame, np.ones((SIZE, SIZE, 3), np.float32), ellipse_mask(SIZE), matrix)
    np.testing.assert_array_equal(result, frame)


def test_half_a_mask_gives_half_of_each(frame, landmarks_at):
    matrix = similarity(landmarks_at(100, 70, 0.6), SIZE, 1.6)
    mask = np.full((SIZE, SIZE), 0.5, np.float32)
    result = paste(frame, np.zeros((SIZE, SIZE, 3), np.float32), mask, matrix)
    np.testing.assert_allclose(result[70, 100], frame[70, 100] / 2, atol=1)
