import cv2
import numpy as np
import pytest
import torch
from tests.photographs import photograph

from facsimile.filters.wiener import wiener
from facsimile.models.deblurring import undoing_weights, width_weights
from facsimile.models.detail_bands import DetailBands

SIGMAS = (0.5, 0.8, 1.1, 1.4, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0)
WIDTHS = (0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4, 2.7, 3.0, 3.4)


def blurred(image, width):
    return cv2.GaussianBlur(image, (0, 0), width, borderType=cv2.BORDER_REFLECT_101)


def bands_of(image):
    levels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    return levels, DetailBands(SIGMAS)(levels)[0]


@pytest.mark.parametrize("width", [0.9, 1.5, 2.1, 3.0])
def test_undo_a_blur_as_well_as_the_wiener_filter(width):
    image = photograph(3)
    soft = blurred(image, width)
    levels, bands = bands_of(soft)
    weights = torch.from_numpy(undoing_weights(SIGMAS, (width,))[0]).float()
    ours = (levels + (weights[:, None, None, None] * bands[0]).sum(0)).clamp(0, 1)[0]
    ours = ours.permute(1, 2, 0).numpy() * 255
    error, wieners, nothing = (
        np.sqrt(np.mean((restored - image.astype(float)) ** 2))
        for restored in (ours, wiener(soft, sigma=width), soft)
    )
    assert error < 0.7 * nothing
    assert error < 1.1 * wieners


def test_tell_how_wide_a_blur_was():
    weights, offset = width_weights(SIGMAS, WIDTHS)
    told = []
    for width in (1.5, 2.1, 3.0):
        _, bands = bands_of(blurred(photograph(5), width))
        powers = np.log((bands.mean(2)[0] ** 2).mean((1, 2)).numpy() + 1e-7)
        told.append(float(weights @ powers + offset))
    np.testing.assert_allclose(told, (4, 6, 9), atol=3)
    assert told == sorted(told)


def test_contrast_does_not_change_the_width():
    weights, _ = width_weights(SIGMAS, WIDTHS)
    powers = np.linspace(-3, 2, len(SIGMAS))
    assert weights @ (powers + 1.7) == pytest.approx(weights @ powers)
