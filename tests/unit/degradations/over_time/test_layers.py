import numpy as np
import pytest

from facsimile.degradations.over_time.captions import Captions
from facsimile.degradations.over_time.courses import Wander
from facsimile.degradations.over_time.layers import fill, over
from facsimile.degradations.over_time.particles import Particles
from facsimile.degradations.over_time.shapes import Shapes

GREY = np.full((120, 160, 3), 128, np.uint8)


def always(value):
    return Wander(value, value, 1.0)


def drawn(degradation, seed=0):
    return degradation.drawn(np.random.default_rng(seed))


def changed(image):
    return (image != GREY).any(axis=-1)


def test_a_layer_is_seen_as_much_as_its_alpha_says():
    alpha = np.zeros((120, 160), np.float32)
    alpha[:, 40:] = 0.25
    alpha[:, 80:] = 1
    blended = over(GREY, np.array([1.0, 0.5, 0.0]), alpha)
    assert np.array_equal(blended[:, :40], GREY[:, :40])
    assert blended[0, 50].tolist() == [160, 128, 96]
    assert blended[0, 100].tolist() == [255, 128, 0]


def test_polygons_cover_their_area_with_smooth_edges():
    square = np.array([[20.5, 20.5], [60.5, 20.5], [60.5, 60.5], [20.5, 60.5]])
    full = np.zeros((120, 160), np.uint8)
    fill(full, square, 1.0)
    # OpenCV draws every edge some half pixel outside
    assert full.sum() / 255 == pytest.approx(41.5 * 41.5, rel=0.02)
    assert len(np.unique(full)) > 2


def test_a_particle_falls_as_fast_as_it_says():
    falling = drawn(Particles(1, 0.06, 0.2, 1.0, 0.0), 2)
    rows = [np.nonzero(changed(falling(GREY, time)))[0] for time in np.arange(0, 4, 0.02)]
    heights = [float(one.mean()) if len(one) else np.nan for one in rows]
    steps = np.diff(heights)
    inside = steps[np.isfinite(steps) & (np.abs(steps) < 5)]
    # the way is longer than the frame by a margin at both ends
    assert np.median(inside) == pytest.approx(0.2 * 1.3 * 120 * 0.02, rel=0.1)


def test_more_particles_cover_more_but_never_all():
    covered = [
        np.mean([changed(drawn(Particles(count), seed)(GREY, 1.0)).mean() for seed in range(5)])
        for count in (10, 80)
    ]
    assert 0 < covered[0] < covered[1] / 3
    assert covered[1] < 0.5


def test_a_shape_is_where_its_path_leads():
    shapes = Shapes(1, always(0.2), always(0.25), always(0.1), opacity=0.8)
    for seed in range(8):
        there = changed(drawn(shapes, seed)(GREY, 0.0))
        rows, columns = np.nonzero(there)
        middle = ((rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2)
        assert middle == pytest.approx((30, 40), abs=8)
        assert rows.max() - rows.min() <= 2 * (0.2 * 120 + 3)


def test_an_outline_is_as_wide_as_it_says_and_empty_within():
    shapes = Shapes(1, always(0.3), always(0.5), always(0.0), opacity=1.0, width=0.05)
    for seed in range(12):
        there = changed(drawn(shapes, seed)(GREY, 0.0))
        if there[60, 80]:
            continue  # a filled one
        row = np.nonzero(there[60, 80:])[0]  # from the middle to a corner
        assert 6 <= len(row) <= 6 / np.cos(np.pi / 3) + 2  # a triangle has the sharpest corners
        assert np.ptp(row) == len(row) - 1


def test_lines_come_and_go_in_turn_on_a_band():
    captions = Captions(["ONE", "another"], 2.0, 0.5, 0.1, 0.5)
    write = drawn(captions, 1)
    assert not changed(write(GREY, 1.5)).any()
    one, other, again = (write(GREY, time) for time in (0.5, 2.5, 4.5))
    for frame in (one, other):
        rows = np.nonzero(changed(frame))[0]
        assert rows.min() >= 60 - 0.8 * 12 - 1
        assert rows.max() <= 60 + 0.8 * 12 + 1
    assert not np.array_equal(one, other)
    assert np.array_equal(one, again)


def test_a_line_slides_in_from_one_side_and_out_to_the_other():
    write = drawn(Captions(["WORDS"], 2.0, 1.0, 0.2, 0.5, band=0.0), 0)

    def place(time):
        columns = np.nonzero(changed(write(GREY, time)))[1]
        return columns.mean() if len(columns) else np.nan

    came, stayed, went = place(0.2), place(1.0), place(1.8)
    assert stayed == pytest.approx(80, abs=4)
    assert (came - stayed) * (went - stayed) < 0


def test_a_long_line_stays_within_the_frame():
    frame = drawn(Captions(["a very long line of text " * 4], 2.0, 1.0, 0.2, 0.5, band=0.0))
    columns = np.nonzero(changed(frame(GREY, 1.0)))[1]
    assert columns.min() >= 5
    assert columns.max() <= 155


@pytest.mark.parametrize("lines", [[], ["  "]])
def test_empty_lines_are_refused(lines):
    with pytest.raises(ValueError, match="none of them empty"):
        Captions(lines, 2.0)
