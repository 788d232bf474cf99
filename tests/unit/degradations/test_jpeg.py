import io

import numpy as np
import pytest
from PIL import Image

from facsimile.degradations.jpeg import Jpeg


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_it_is_what_pillow_writes_with_halved_chroma(detailed, quality):
    coded = Jpeg(quality)(detailed, np.random.default_rng(0))
    file = io.BytesIO()
    Image.fromarray(detailed).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    oracle = np.asarray(Image.open(file)).astype(int)
    assert np.abs(coded - oracle).max() <= 3


def test_both_ends_of_the_range_are_drawn(detailed):
    ends = [Jpeg(quality)(detailed, np.random.default_rng(0)) for quality in (30, 31)]
    drawn = [Jpeg([30, 31])(detailed, np.random.default_rng(seed)) for seed in range(20)]
    often = [sum(np.array_equal(one, end) for one in drawn) for end in ends]
    assert sum(often) == 20
    assert min(often) > 2


@pytest.mark.parametrize("quality", [0, 101, [50, 40], 50.5])
def test_qualities_that_do_not_exist_are_refused(quality):
    with pytest.raises(ValueError, match="must be"):
        Jpeg(quality)
