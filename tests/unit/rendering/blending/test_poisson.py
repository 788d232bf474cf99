import numpy as np
import pytest
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from facsimile.rendering.blending.poisson import poisson


def solved(gap: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The membrane by a direct solver: each unknown is the mean of its neighbours in the frame."""
    height, width = known.shape
    places = np.argwhere(~known)
    number = {tuple(place): row for row, place in enumerate(places)}
    matrix, right = lil_matrix((len(places), len(places))), np.zeros((len(places), gap.shape[2]))
    for row, (y, x) in enumerate(places):
        near = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
        near = [(a, b) for a, b in near if 0 <= a < height and 0 <= b < width]
        matrix[row, row] = len(near)
        for place in near:
            if place in number:
                matrix[row, number[place]] = -1
            else:
                right[row] += gap[place]
    surface = gap.copy()
    surface[~known] = spsolve(matrix.tocsc(), right)
    return surface


@pytest.mark.parametrize("cut", [np.s_[:, :], np.s_[25:, :], np.s_[25:, 40:]])
def test_agrees_with_a_direct_solver(cut, seam):
    """Also where the frame cuts the mask off."""
    frame, face, opacity = (one[cut] for one in seam)
    exact = solved(frame / 255 - face, opacity == 0)
    expected = np.clip(255 * (face + exact), 0, 255)
    error = np.abs(poisson(frame, face, opacity) - expected)[opacity > 0]
    assert error.max() < 2
    assert error.mean() < 0.6  # a half is lost by rounding


def test_other_light_on_the_same_details_leaves_no_trace(seam):
    """The difference of both is linear, hence harmonic."""
    frame, face, opacity = seam
    assert np.abs(poisson(frame, face, opacity).astype(int) - frame)[opacity > 0].mean() < 1


def test_details_are_the_faces(seam):
    frame, face, opacity = seam
    x = np.arange(110)
    stripes = face + np.where(x % 2, 0.05, -0.05)[None, :, None].astype(np.float32)
    row = poisson(frame, stripes, opacity)[45, 40:70, 0].astype(float)
    difference = row - frame[45, 40:70, 0]
    np.testing.assert_allclose(difference[1::2] - difference[::2], 25.5, atol=3)


def test_a_soft_mask_is_cut_at_half_its_height_and_mixed(seam):
    frame, face, opacity = seam
    soft = 0.4 * opacity
    expected = frame + 0.4 * (poisson(frame, face, opacity).astype(float) - frame)
    assert np.abs(poisson(frame, face, soft) - expected).max() <= 1
