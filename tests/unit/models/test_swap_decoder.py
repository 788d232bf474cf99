import pytest
import torch
from torch import nn

from facsimile.models.swap_decoder import ImageDecoder, MaskDecoder


@pytest.mark.parametrize(
    ("double_resolution", "deep", "times"),
    [(False, False, 8), (True, False, 16), (False, True, 16), (True, True, 32)],
)
def test_how_much_larger_the_outputs_are_than_the_code(double_resolution, deep, times):
    code = torch.randn(2, 6, 2, 2)
    dims = (8, 8, 6, 4) if deep else (8, 6, 4)
    image = ImageDecoder(6, dims, double_resolution, deep)(code)
    mask = MaskDecoder(6, 2, double_resolution, deep)(code)
    assert image.shape == (2, 3, 2 * times, 2 * times)
    assert mask.shape == (2, 1, 2 * times, 2 * times)
    assert image.min() >= 0 and image.max() <= 1 and mask.min() >= 0 and mask.max() <= 1


@pytest.mark.parametrize(
    ("double_resolution", "deep", "widths"),
    [
        (False, False, [6, 16, 8, 4]),
        (True, False, [6, 16, 8, 4, 2]),
        (False, True, [6, 16, 16, 8, 4]),
        (True, True, [6, 16, 16, 8, 4, 2]),
    ],
)
def test_widths_of_the_mask_decoder(double_resolution, deep, widths):
    decoder = MaskDecoder(6, 2, double_resolution, deep)
    convolutions = [module for module in decoder.modules() if isinstance(module, nn.Conv2d)]
    assert [layer.in_channels for layer in convolutions] == widths


@pytest.mark.parametrize(
    ("dims", "deep", "message"),
    [
        ((64, 48), False, r"3 widths without deep, not \[64, 48\]: write for example \[64, 48, 24"),
        ((64, 64, 48, 24), False, "3 widths"),
        ((64, 48, 24), True, r"4 widths with deep.* for example \[64, 64, 48, 24"),
        ((), False, r"not \[\]"),
    ],
)
def test_another_number_of_widths_is_refused(dims, deep, message):
    with pytest.raises(ValueError, match=message):
        ImageDecoder(6, dims, deep=deep)
