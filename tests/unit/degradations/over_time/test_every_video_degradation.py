"""What holds for every effect of every stress condition, on arrival."""

from pathlib import Path

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from facsimile.degradations.over_time.protocol import VideoDegradation

CONF = Path(__file__).resolve().parents[4] / "conf/stress"
EFFECTS = [
    (path.stem, number)
    for path in sorted(CONF.glob("*.yaml"))
    for number in range(len(OmegaConf.load(path).get("effects") or []))
]
GRAIN = ("flicker", 1)  # noise of each frame, as it is called
NOW = 7.3


def built(name, number):
    return instantiate(OmegaConf.load(CONF / f"{name}.yaml").effects[number])


def drawn(effect, seed):
    return built(*effect).drawn(np.random.default_rng([1, seed]))


def apart(a, b):
    return float(np.abs(a.astype(float) - b).mean())


def test_there_are_effects():
    assert len(EFFECTS) >= 8


@pytest.mark.parametrize("effect", EFFECTS)
def test_is_a_function_of_the_draw_and_the_time(detailed, effect):
    assert isinstance(built(*effect), VideoDegradation)
    original = detailed.copy()
    degrade, again = drawn(effect, 3), drawn(effect, 3)
    forwards = [degrade(detailed, time) for time in (0.0, 0.04, NOW)]
    backwards = [again(detailed, time) for time in (NOW, 0.04, 0.0)][::-1]
    assert all(map(np.array_equal, forwards, backwards))
    assert np.array_equal(detailed, original)
    assert forwards[0].shape == detailed.shape
    assert forwards[0].dtype == np.uint8


@pytest.mark.parametrize("effect", EFFECTS)
def test_clips_differ_and_frames_do(detailed, effect):
    frames = [drawn(effect, seed)(detailed, NOW) for seed in range(6)]
    assert len({frame.tobytes() for frame in frames}) >= 5
    course = drawn(effect, 2)
    frames = [course(detailed, time) for time in np.arange(0, 6, 0.25)]
    assert len({frame.tobytes() for frame in frames}) > 5


@pytest.mark.parametrize("effect", [one for one in EFFECTS if one != GRAIN])
def test_what_changes_over_time_is_no_noise(detailed, effect):
    # noise is as far from the next frame as from any other
    near, far = [], []
    for seed in range(4):
        degrade, times = drawn(effect, seed), np.arange(0, 9, 1.5) + 0.37
        frames = [degrade(detailed, time) for time in times]
        near += [
            apart(one, degrade(detailed, time + 0.004))
            for one, time in zip(frames, times, strict=True)
        ]
        far += [apart(one, other) for one, other in zip(frames, frames[2:], strict=False)]
    assert np.mean(far) > 1
    assert np.mean(near) < 0.25 * np.mean(far)


@pytest.mark.parametrize("effect", EFFECTS)
def test_floats_look_like_bytes(detailed, effect):
    floats = (detailed / 255).astype(np.float32)
    of_bytes, of_floats = (drawn(effect, 5)(image, NOW) for image in (detailed, floats))
    assert of_floats.dtype == np.float32
    assert 0 <= of_floats.min() <= of_floats.max() <= 1
    assert np.abs(of_floats * 255 - of_bytes).max() <= 2.6  # rounded at most once a layer


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 30), (40, 9)])
@pytest.mark.parametrize("effect", EFFECTS)
def test_any_size_is_kept(effect, size):
    degrade = drawn(effect, 0)
    for time in (0.0, 1.0, NOW):
        degraded = degrade(np.full((*size, 3), 128, np.uint8), time)
        assert (degraded.shape, degraded.dtype) == ((*size, 3), np.uint8)
