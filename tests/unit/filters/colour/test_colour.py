"""What holds of every colour transfer."""

import numpy as np
import pytest

from facsimile.filters.colour.histogram import match_histogram
from facsimile.filters.colour.idt import iterative_transfer
from facsimile.filters.colour.lct import linear
from facsimile.filters.colour.mkl import monge_kantorovich
from facsimile.filters.colour.none import unchanged
from facsimile.filters.colour.protocol import ColourTransfer
from facsimile.filters.colour.rct import reinhard
from facsimile.filters.colour.sot import sliced_transport

TRANSFERS = [
    reinhard,
    linear,
    monge_kantorovich,
    match_histogram,
    iterative_transfer,
    sliced_transport,
]


@pytest.fixture(params=TRANSFERS, ids=lambda transfer: transfer.__name__)
def transfer(request) -> ColourTransfer:
    return request.param


def test_the_mean_inside_the_mask_becomes_the_references(transfer, pictures):
    image, reference, mask = pictures
    gap = np.average(transfer(image, reference, mask) - reference, axis=(0, 1), weights=mean(mask))
    before = np.average(image - reference, axis=(0, 1), weights=mean(mask))
    assert np.abs(gap).max() < 0.006
    assert np.abs(before).max() > 0.05


def mean(mask: np.ndarray) -> np.ndarray:
    return np.repeat(mask[..., None], 3, axis=2)


def test_outside_of_the_mask_does_not_count(transfer, pictures):
    image, reference, mask = pictures
    other = reference.copy()
    other[mask == 0] = 0.9
    expected = transfer(image, reference, mask)
    np.testing.assert_array_equal(transfer(image, other, mask), expected)
    strange = image.copy()
    strange[mask == 0] = 0.1
    inside = mask > 0
    result = transfer(strange, reference, mask)
    np.testing.assert_allclose(result[inside], expected[inside], atol=1e-6)


def test_weights_count(transfer, pictures):
    image, reference, mask = pictures
    other = mask * np.where(image[..., 0] > 0.45, 1, 0.1).astype(np.float32)
    assert np.abs(transfer(image, reference, other) - transfer(image, reference, mask)).max() > 0.01


def test_a_picture_with_its_own_colours_stays(transfer, pictures):
    image, _, mask = pictures
    inside = mask > 0
    result = transfer(image, image, mask)
    np.testing.assert_allclose(result[inside], image[inside], atol=2e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_empty_mask_changes_nothing(transfer, pictures, dtype):
    image, reference, _ = pictures
    np.testing.assert_array_equal(transfer(image, reference, np.zeros((24, 24), dtype)), image)


def test_a_flat_picture_gives_finite_colours_in_range(transfer, pictures):
    _, reference, mask = pictures
    result = transfer(np.full((24, 24, 3), 0.5, np.float32), reference, mask)
    assert np.isfinite(result).all()
    assert 0 <= result.min() <= result.max() <= 1
    assert result.dtype == np.float32
    assert np.abs(result[12, 12] - reference[mask > 0].mean(0)).max() < 0.02


def test_a_flat_reference_gives_its_colour(transfer, pictures):
    image, _, mask = pictures
    result = transfer(image, np.full((24, 24, 3), 0.25, np.float32), mask)
    np.testing.assert_allclose(result[mask > 0], 0.25, atol=0.03)


def test_a_single_pixel_suffices(transfer, pictures):
    image, reference, _ = pictures
    mask = np.zeros((24, 24), np.float32)
    mask[5, 7] = 1
    result = transfer(image, reference, mask)
    np.testing.assert_allclose(result[5, 7], reference[5, 7], atol=0.02)  # sot nears it in steps


def test_the_same_again(transfer, pictures):
    before = [one.copy() for one in pictures]
    np.testing.assert_array_equal(transfer(*pictures), transfer(*pictures))
    for one, other in zip(pictures, before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_none_leaves_the_picture(pictures):
    np.testing.assert_array_equal(unchanged(*pictures), pictures[0])
