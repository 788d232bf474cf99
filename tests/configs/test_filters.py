"""Every filter under conf/filter/ is built by its name and restores a picture, on arrival."""

from pathlib import Path

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from facsimile.filters.protocol import Filter

CONF = Path(__file__).resolve().parents[2] / "conf/filter"
NAMES = sorted(path.stem for path in CONF.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_filter_makes_another_picture_of_the_same_size(name):
    restore = instantiate(OmegaConf.load(CONF / f"{name}.yaml"))
    assert isinstance(restore, Filter)
    image = np.random.default_rng(0).integers(0, 256, (24, 37, 3), np.uint8)
    before = image.copy()
    restored = restore(image)
    assert restored.shape == image.shape
    assert restored.dtype == np.uint8
    assert restored is not image
    assert np.array_equal(image, before)
    assert np.array_equal(restore(image), restored)
