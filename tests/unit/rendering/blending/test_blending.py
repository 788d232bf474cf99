"""What holds of every way of blending."""

import numpy as np
import pytest

from facsimile.rendering.blending.feathered import feathered
from facsimile.rendering.blending.laplacian import laplacian
from facsimile.rendering.blending.poisson import poisson
from facsimile.rendering.blending.protocol import Blend


@pytest.fixture(params=[feathered, laplacian, poisson], ids=lambda blend: blend.__name__)
def blend(request) -> Blend:
    return request.param


def test_outside_of_the_mask_the_frame_is_untouched(blend, seam):
    frame, face, opacity = seam
    face[40:50, 50:60] += 0.1
    result = blend(frame, face, opacity)
    outside = opacity == 0
    np.testing.assert_array_equal(result[outside], frame[outside])
    assert (result[45, 55] > frame[45, 55]).all()


def test_an_empty_mask_changes_nothing(blend, seam):
    frame, face, opacity = seam
    np.testing.assert_array_equal(blend(frame, face, np.zeros_like(opacity)), frame)


def test_a_full_mask_is_the_face(blend, seam):
    """There is no edge to hide."""
    frame, face, opacity = seam
    result = blend(frame, face, np.ones_like(opacity))
    assert np.abs(result - 255 * face).max() <= 1


def test_the_frames_own_pixels_change_nothing(blend, seam):
    frame, _, opacity = seam
    result = blend(frame, (frame / 255).astype(np.float32), opacity)
    assert np.abs(result.astype(int) - frame).max() <= 1


def test_a_face_over_the_frames_border_stays_in_range(blend, seam):
    frame, face, opacity = seam
    cut = np.s_[30:, :60]
    result = blend(frame[cut], face[cut], opacity[cut])
    assert np.abs(result.astype(int) - frame[cut]).max() < 100
    assert (result[0, 55] != frame[30, 55]).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3), (7, 1)])
def test_small_regions(blend, shape):
    rng = np.random.default_rng(0)
    frame, face = rng.integers(0, 256, (*shape, 3), np.uint8), np.ones((*shape, 3), np.float32)
    mask = np.zeros(shape, np.float32)
    mask[0, 0] = 1
    result = blend(frame, face, mask)
    np.testing.assert_array_equal(result[mask == 0], frame[mask == 0])


def test_inputs_stay(blend, seam):
    before = [one.copy() for one in seam]
    blend(*seam)
    for one, other in zip(seam, before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("hiding", "most"), [(laplacian, 0.2), (poisson, 0.05)])
def test_the_seam_of_a_hard_mask_is_hidden(hiding, most, seam, step_at_seam):
    bare = step_at_seam(feathered(*seam), seam[0], seam[2])
    assert bare > 25
    assert step_at_seam(hiding(*seam), seam[0], seam[2]) < most * bare
