import numpy as np
import pytest

from facsimile.degradations.low_light import LowLight
from facsimile.degradations.over_time.camera_motion import CameraMotion
from facsimile.degradations.over_time.chain import VideoChain
from facsimile.degradations.over_time.courses import Pulses, Wander
from facsimile.degradations.over_time.moving_light import MovingLight
from facsimile.degradations.over_time.per_frame import PerFrame
from facsimile.degradations.over_time.stage_lights import StageLights
from facsimile.degradations.poisson_noise import PoissonNoise
from facsimile.degradations.salt_and_pepper import SaltAndPepper

GREY = np.full((60, 80, 3), 128, np.uint8)


def always(value):
    return Wander(value, value, 1.0)


def drawn(degradation, seed=0):
    return degradation.drawn(np.random.default_rng(seed))


def test_without_lamps_only_a_part_of_the_linear_light_is_left():
    lights = StageLights(2, 0.25, always(0.0), always(0.0), always(0.5))
    linear = ((128 / 255) ** 2.2 * 0.25) ** (1 / 2.2)
    assert np.abs(drawn(lights)(GREY, 3.0) - 255 * linear).max() <= 0.5


@pytest.mark.parametrize(("hue", "channel"), [(0.0, 0), (1 / 3, 1), (2 / 3, 2)])
def test_a_lamp_has_its_colour_where_it_points(hue, channel):
    lights = StageLights(1, 0.05, always(1.0), always(hue), always(0.25), 1.0, 0.15)
    lit = drawn(lights)(GREY, 0.0).astype(float)
    rows, columns = np.unravel_index(lit[..., channel].argmax(), lit.shape[:2])
    assert (rows, columns) == pytest.approx((0.25 * 59, 0.25 * 79), abs=2)
    others = np.delete(lit, channel, axis=2)
    assert lit[rows, columns, channel] == pytest.approx(128 * 1.05 ** (1 / 2.2), abs=1)
    assert others.max() == pytest.approx(128 * 0.05 ** (1 / 2.2), abs=1)


def test_a_pattern_is_laid_over_the_frame_at_half_its_width():
    pattern = SaltAndPepper(0.2)
    light = MovingLight(pattern, always(0.0), always(0.0))
    rng = np.random.default_rng(5)
    wall = pattern(np.ones((1024, 1024, 3), np.float32), rng)
    frame = np.full((512, 512, 3), 0.5, np.float32)
    assert np.allclose(drawn(light, 5)(frame, 1.0), 0.5 * wall[256:768, 256:768], atol=1e-3)


def test_a_pattern_moves_by_its_path_and_turns_clockwise():
    def corner(image, rng):
        image = image.copy()
        image[:512, :512] = 0  # up and left of the middle
        return image

    frame = np.full((512, 512, 3), 0.5, np.float32)
    moved = drawn(MovingLight(corner, always(0.25), always(0.0)))(frame, 0.0)
    assert (moved[:380, :380] == 0).all()
    assert (moved[388:, 388:] == 0.5).all()
    turned = drawn(MovingLight(corner, always(0.0), always(90.0)))(frame, 0.0)
    assert (turned[:250, 262:] == 0).all()
    assert (turned[262:, :250] == 0.5).all()


def test_the_blur_lies_along_the_way_of_the_camera_and_moves_nothing():
    point = np.zeros((101, 101, 3), np.float32)
    point[50, 50] = 1
    # across and down alike: towards the lower right
    blurred = drawn(CameraMotion(always(1.0), 0.1))(point, 2.0)[..., 0]
    rows, columns = np.mgrid[:101, :101] - 50
    total = blurred.sum()
    assert total == pytest.approx(1, abs=1e-3)
    assert (blurred * rows).sum() == pytest.approx(0, abs=1e-3)
    length = np.sqrt(2) * 0.1 * 101
    # the variance of a uniform line, halved onto each axis
    assert (blurred * rows * columns).sum() == pytest.approx(length**2 / 24, rel=0.1)


def test_a_camera_at_rest_blurs_nothing(detailed):
    assert np.array_equal(drawn(CameraMotion(always(0.0), 0.04))(detailed, 1.0), detailed)


def test_a_course_becomes_an_argument_of_the_frames_degradation():
    def dimmed(gain):
        return LowLight(1.0, gain)

    degrade = drawn(PerFrame(dimmed, {"gain": Pulses(0.2, 1.0, 1.0, 0.2)}), 3)
    at = Pulses(0.2, 1.0, 1.0, 0.2).drawn(np.random.default_rng(3))
    for time in (0.0, 0.3, 0.9):
        assert np.abs(degrade(GREY, time) - 128 * at(time)).max() <= 0.51


def test_grain_is_new_in_each_frame_and_a_fixed_pattern_is_not():
    for fresh in (True, False):
        noisy = drawn(PerFrame(lambda: PoissonNoise(100), {}, fresh), 1)
        first, again, later = (noisy(GREY, time) for time in (0.0, 0.0, 0.04))
        assert np.array_equal(first, again)
        assert np.array_equal(first, later) != fresh


def test_a_chain_goes_in_order(detailed):
    parts = [
        CameraMotion(Wander(-2, 2, 1.0), 0.04),
        StageLights(2, 0.2, always(0.5), always(0.1), Wander(0, 1, 2.0)),
    ]
    rng = np.random.default_rng(5)
    blur, light = [part.drawn(rng) for part in parts]
    wanted = light(blur(detailed, 0.5), 0.5)
    assert np.array_equal(drawn(VideoChain(parts), 5)(detailed, 0.5), wanted)
