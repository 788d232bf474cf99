import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.rendering.label import Label


def contrast(one: float, other: float) -> float:
    """Of two grey values, WCAG 2.1."""
    light = [
        ((level / 255 + 0.055) / 1.055) ** 2.4 if level > 10 else level / 255 / 12.92
        for level in (one, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("level", [0, 60, 128, 200, 255])
@pytest.mark.parametrize("size", [(288, 360), (1080, 1920)])
def test_legible_on_light_and_dark(level, size):
    image = np.full((*size, 3), level, np.uint8)
    result = Label("AI-generated")(image)
    ys, xs = np.nonzero((result != level).any(-1) if level else result.any(-1))
    box = result[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    letters = np.percentile(box, 99)
    assert contrast(float(letters), float(np.median(box))) >= 4.5  # WCAG's AA
    assert 0.05 < (box[..., 0] > 0.8 * letters).mean() < 0.5


@pytest.mark.parametrize("size", [(48, 64), (288, 360), (1080, 1920), (20, 30)])
def test_small_and_in_its_corner(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    before = image.copy()
    result = Label("AI-generated")(image)
    np.testing.assert_array_equal(image, before)
    height, width = size
    changed = (result != image).any(-1)
    assert changed.any()
    assert not changed[: height // 2].any()
    if height > 200:
        assert changed.mean() < 0.04
        assert not changed[:, : width // 2].any()


@pytest.mark.parametrize("text", ["", "  ", "künstlich", "a\nb"])
def test_what_cannot_be_drawn_is_refused(text):
    with pytest.raises(UserError, match="plain letters"):
        Label(text)


@pytest.mark.parametrize(
    ("size", "legible"),
    [
        ((48, 64), False),
        ((12, 400), False),
        ((16, 400), True),
        ((64, 120), True),
        ((288, 360), True),
    ],
)
def test_whether_its_letters_can_be_read_is_known_beforehand(size, legible):
    label = Label("AN AI MADE IT")  # of capitals alone
    height, width = size
    assert label.legible(width, height) == legible
    drawn = label(np.full((*size, 3), 90, np.uint8))
    rows = np.nonzero((drawn > 100).any((1, 2)))[0]
    assert (np.ptp(rows) + 1 >= 8) == legible
