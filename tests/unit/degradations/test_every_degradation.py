"""What holds for every configured degradation, on arrival."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf
from scipy.ndimage import uniform_filter

from facsimile.degradations.protocol import Degradation

CONF = Path(__file__).resolve().parents[3] / "conf/degradation"
NAMES = sorted(path.stem for path in CONF.glob("*.yaml"))
ALWAYS_THE_SAME = {"blur_2", "clean"}
CODECS = {"jpeg", "h264"}
# Rounding between their stages changes what the next draws or how it codes.
STAGED = {"deepfakebench", "realistic", "low_light"}
WEAK_AND_STRONG = {
    "blur": ("sigma", 0.7, 3),
    "motion_blur": ("length", 3, 11),
    "defocus": ("radius", 1, 4),
    "shadow": ("factor", 0.7, 0.3),
    "shadows": ("factor", 0.7, 0.3),
    "bars": ("factor", 0.7, 0.3),
    "salt_and_pepper": ("amount", 0.02, 0.1),
    "salt_and_pepper_channels": ("amount", 0.02, 0.1),
    "gaussian_noise": ("sigma", 5, 25),
    "poisson_noise": ("photons", 1000, 50),
    "jpeg": ("quality", 80, 20),
    "h264": ("crf", 22, 38),
    "downscale": ("scale", 0.7, 0.3),
    "colour_cast": ("strength", 0.05, 0.3),
}


def built(name, **changes):
    return instantiate(OmegaConf.merge(OmegaConf.load(CONF / f"{name}.yaml"), changes))


def psnr(preds, target):
    return 10 * np.log10(255**2 / np.mean((preds.astype(float) - target) ** 2))


@pytest.mark.parametrize("name", NAMES)
def test_is_a_function_of_the_generator(image, name):
    degrade = built(name)
    assert isinstance(degrade, Degradation)
    original = image.copy()
    first, again, *others = (
        degrade(image, np.random.default_rng([1, s])) for s in (3, 3, 4, 5, 6, 7)
    )
    assert first.dtype == np.uint8
    assert first.shape == image.shape
    assert np.array_equal(first, again)
    assert all(np.array_equal(first, other) for other in others) == (name in ALWAYS_THE_SAME)
    assert np.array_equal(image, original)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_instance_draws_the_same(image, name):
    # what was drawn before leaves no trace
    used, fresh = built(name), built(name)
    used(image, np.random.default_rng(1))
    drawn = [one(image, np.random.default_rng(2)) for one in (used, fresh)]
    assert np.array_equal(*drawn)


@pytest.mark.parametrize("name", sorted(set(NAMES) - STAGED))
def test_floats_look_like_bytes(detailed, name):
    degrade = built(name)
    for seed in range(5):
        of_bytes = degrade(detailed, np.random.default_rng(seed))
        of_floats = degrade((detailed / 255).astype(np.float32), np.random.default_rng(seed))
        assert of_floats.dtype == np.float32
        assert 0 <= of_floats.min() <= of_floats.max() <= 1
        rounding = 0.01 if name in CODECS else 1.6 if name in ("paper", "downscale") else 0.6
        assert np.abs(of_floats * 255 - of_bytes).max() <= rounding


@pytest.mark.parametrize("name", sorted(STAGED))
def test_floats_look_like_bytes_through_stages(detailed, name):
    degrade = built(name)
    of_bytes, of_floats = (
        np.mean([degrade(one, np.random.default_rng(s)) for s in range(12)], axis=0)
        for one in (detailed, (detailed / 255).astype(np.float32))
    )
    assert of_floats.dtype == np.float32
    apart = uniform_filter(of_floats * 255 - of_bytes, (9, 9, 0))
    assert np.abs(apart).mean() < 1.5


@pytest.mark.parametrize("name", ["blur", "gaussian_noise", "shadow", "downscale", "colour_cast"])
def test_floats_are_not_rounded(detailed, name):
    degraded = built(name)((detailed / 255).astype(np.float32), np.random.default_rng(0))
    assert np.abs(degraded * 255 - np.rint(degraded * 255)).max() > 0.3


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 30)])
@pytest.mark.parametrize("name", NAMES)
def test_any_size_is_kept(name, size):
    for dtype in (np.uint8, np.float32):
        image = np.full((*size, 3), 0.5 if dtype == np.float32 else 128, dtype)
        degraded = built(name)(image, np.random.default_rng(0))
        assert (degraded.shape, degraded.dtype) == (image.shape, image.dtype)


@pytest.mark.parametrize("name", WEAK_AND_STRONG)
def test_more_is_worse(detailed, name):
    strength, weak, strong = WEAK_AND_STRONG[name]
    scores = [
        np.mean(
            [
                psnr(built(name, **{strength: value})(detailed, np.random.default_rng(s)), detailed)
                for s in range(4)
            ]
        )
        for value in (weak, strong)
    ]
    assert scores[0] > scores[1] + 2


def test_the_list_above_is_complete():
    fixed = {"clean", "paper", "blur_2", "salt_and_pepper_5", "salt_and_pepper_10"}
    assert set(WEAK_AND_STRONG) == set(NAMES) - fixed - STAGED


REFUSED = """
import sys
from pathlib import Path
import numpy as np
from hydra.utils import instantiate
from omegaconf import OmegaConf

images = [np.zeros(shape, np.uint8) for shape in [(8, 8), (8, 8, 1), (8, 8, 4), (2, 8, 8, 3)]]
images += [np.zeros((8, 8, 3), kind) for kind in (np.float64, np.uint16)]
for path in Path(sys.argv[1]).glob("*.yaml"):
    degrade = instantiate(OmegaConf.load(path))
    for image in images:
        try:
            degrade(image, np.random.default_rng(0))
        except ValueError as error:
            assert "take RGB images" in str(error), error
        else:
            raise SystemExit(f"{path.stem} took {image.shape} {image.dtype}")
"""


def test_other_images_are_refused_where_nothing_checks_types():
    # as users run it; here every signature is checked before
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, str(CONF)],
        env={**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
