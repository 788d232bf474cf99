"""Every stress condition under conf/stress/ is built by its name, on arrival."""

from pathlib import Path

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf

from facsimile.data.stress import Stress

CONF = Path(__file__).resolve().parents[2] / "conf"
NAMES = sorted(path.stem for path in (CONF / "stress").glob("*.yaml"))


def condition(name):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return instantiate(compose(f"stress/{name}").stress)


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_bears_the_name_of_its_file(name):
    assert isinstance(condition(name), Stress)
    assert condition(name).name == name


def test_the_combination_has_all_that_its_parts_have():
    whole = condition("music_video")
    parts = [condition(name) for name in NAMES if name not in ("clean", "music_video")]
    left_out = set(condition("coloured_light").effects)
    assert set(whole.effects) == {key for part in parts for key in part.effects} - left_out
    assert whole.cuts is not None
    assert whole.range == (40, 48)


def test_no_lamp_flashes_faster_than_is_safe_to_look_at():
    for effect in condition("flicker").effects.values():
        if hasattr(effect, "brightness"):
            assert effect.brightness.rate[1] <= 3  # WCAG 2.3.1


def test_the_condition_that_the_guide_shows_can_be_built():
    text = (CONF.parent / "docs/stress.md").read_text()
    shown = text.partition("```yaml\n")[2].partition("```")[0]
    condition = instantiate(OmegaConf.create(shown))
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    for effect in condition.effects.values():
        blurred = effect.drawn(np.random.default_rng(0))(image, 1.0)
        assert blurred.std() < 0.8 * image.std()
