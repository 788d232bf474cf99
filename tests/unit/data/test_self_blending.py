import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from tests.photographs import photograph
from tests.tiny_recipes import CONF

from facsimile.data.self_blending import SelfBlending
from facsimile.degradations.chain import Chain
from facsimile.faces.blend_mask import BlendMask

ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)
OVAL = np.stack([56 + 28 * np.cos(ANGLES), 60 + 36 * np.sin(ANGLES)], 1).astype(np.float32)


@pytest.fixture(scope="module")
def blending():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return instantiate(compose("config").self_blend.blending)


def coloured(seed):
    return np.dstack([photograph(seed + channel)[..., 0] for channel in range(3)])


def brighter(image, rng):
    return np.asarray(np.clip(image.astype(int) + 30, 0, 255), np.uint8)


def still(**changes):
    """Neither moves nor deforms, and makes one of the two brighter."""
    same = {"colour": brighter, "detail": [Chain([])], "scale": 0.0, "shift": (0.0, 0.0)}
    return SelfBlending(BlendMask(deform=(0.0, 0.0)), **same | changes)


def blend(blending, image, seed):
    return blending(image, OVAL, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(10))
def test_only_the_mask_tells_a_fake_from_its_real_picture(blending, seed):
    found = blend(blending, coloured(seed), seed)
    outside = found.mask == 0
    assert outside.mean() > 0.3
    assert np.array_equal(found.fake[outside], found.real[outside])
    assert found.difference > 0.5
    assert found.fake.dtype == found.real.dtype == np.uint8


@pytest.mark.parametrize("seed", range(10))
def test_a_grey_picture_stays_grey(blending, seed):
    found = blend(blending, photograph(seed), seed)
    for image in (found.real, found.fake):
        assert (image == image[..., :1]).all()


def test_either_of_the_two_is_changed_and_the_real_one_is_the_target(blending):
    image = coloured(5)
    seen = set()
    for seed in range(12):
        found = blend(blending, image, seed)
        seen.add(found.changed)
        assert np.array_equal(found.real, image) == (found.changed == "source")
    assert seen == {"source", "target"}


def test_the_ratio_weighs_the_source():
    image = coloured(1).clip(0, 200)
    whole, half = (blend(still(ratios=[ratio]), image, 2) for ratio in (1.0, 0.5))
    inside = whole.mask > 0.999
    assert (np.abs(whole.fake.astype(int) - whole.real)[inside] == 30).all()
    assert (np.abs(half.fake.astype(int) - half.real)[inside] == 15).all()


def test_ratios_are_drawn_as_often_as_they_are_listed(blending):
    drawn = [blend(still(ratios=blending.ratios), photograph(0), seed).ratio for seed in range(120)]
    assert set(drawn) == {0.25, 0.5, 0.75, 1.0}
    assert 0.35 < np.mean(np.array(drawn) == 1.0) < 0.65


def test_nothing_black_comes_in_from_outside():
    image = np.full((112, 112, 3), 200, np.uint8)
    moving = still(scale=0.4, shift=(0.4, 0.4), colour=Chain([]))
    for seed in range(6):
        assert blend(moving, image, seed).fake.min() >= 199


def test_a_blend_of_the_same_is_the_same():
    image = coloured(3)
    found = blend(still(colour=Chain([])), image, 0)
    assert np.array_equal(found.fake, image) and found.difference == 0


def test_it_is_a_function_of_the_generator(blending):
    image = coloured(7)
    one, again, other = (blend(blending, image, seed) for seed in (4, 4, 5))
    assert np.array_equal(one.fake, again.fake) and np.array_equal(one.real, again.real)
    assert not np.array_equal(one.fake, other.fake)


@pytest.mark.parametrize(
    "wrong", [{"ratios": [0.0]}, {"ratios": []}, {"detail": []}, {"scale": 0.5}, {"shift": (0.1,)}]
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match="give"):
        still(**wrong)
