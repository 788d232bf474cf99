import numpy as np
import pytest
from scipy.signal import savgol_filter

from facsimile.faces.flicker import jitter
from facsimile.media.video import Frame
from facsimile.rendering.smoothing import Smoothing
from facsimile.rendering.track import Landmarks, Tracked


@pytest.fixture
def stream(landmarks_at):
    """Tracked frames of a face that moves evenly and trembles, from frame `cut` on elsewhere."""

    def place(i: int, cut: int) -> np.ndarray:
        return landmarks_at(100 + i + 60 * (i >= cut), 50, 1.0)

    def make(count: int, gaps: tuple[int, ...] = (), cut: int = 1000) -> list[Tracked]:
        rng, image = np.random.default_rng(0), np.zeros((4, 4, 3), np.uint8)
        noise = rng.normal(0, 0.3, (count, 5, 2)).astype(np.float32)
        return [
            Tracked(
                Frame(i, i / 25, image),
                () if i in gaps else (Landmarks(place(i, cut) + noise[i]),),
            )
            for i in range(count)
        ]

    return make


def points(tracked: list[Tracked]) -> np.ndarray:
    return np.stack([one.faces[0].five for one in tracked])


@pytest.mark.parametrize(("half", "order"), [(2, 1), (3, 2), (5, 3)])
def test_agrees_with_scipy_away_from_the_ends(half, order, stream):
    frames = stream(40)
    ours = points(list(Smoothing(half, order)(frames)))
    theirs = savgol_filter(points(frames), 2 * half + 1, order, axis=0)
    np.testing.assert_allclose(ours[half:-half], theirs[half:-half], atol=1e-4)


def test_trembles_less_and_does_not_lag(stream):
    frames, even = stream(200), 100 + np.arange(200) + np.zeros(200)
    ours = points(list(Smoothing(4)(frames)))
    assert jitter(ours) < 0.35 * jitter(points(frames))
    assert np.abs(ours.mean(1)[:, 0] - points(frames).mean(1)[:, 0]).max() < 0.6
    assert np.corrcoef(ours[:, 2, 0], even)[0, 1] > 0.9999


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 20])
@pytest.mark.parametrize("half", [0, 1, 3, 12])
def test_every_frame_comes_out_once_in_order(half, count, stream):
    frames = stream(count, gaps=(1, 5))
    smoothed = list(Smoothing(half)(frames))
    assert [one.frame.index for one in smoothed] == list(range(count))
    assert [len(one.faces) for one in smoothed] == [len(one.faces) for one in frames]


def test_nothing_is_carried_over_a_cut(stream):
    """Each side comes out as if the other were not there."""
    frames = stream(30, cut=15)
    whole = points(list(Smoothing(4)(frames)))
    parts = [*Smoothing(4)(frames[:15]), *Smoothing(4)(frames[15:])]
    np.testing.assert_array_equal(whole, points(parts))
    careless = points(list(Smoothing(4, jump=100.0)(frames)))
    assert np.abs(careless[14] - whole[14]).max() > 5


def test_nothing_is_carried_over_a_gap(stream):
    frames = stream(30, gaps=(12, 13))
    whole = [one for one in Smoothing(4)(frames) if one.faces]
    parts = [*Smoothing(4)(frames[:12]), *Smoothing(4)(frames[14:])]
    np.testing.assert_array_equal(points(whole), points(parts))


def test_a_face_seen_once_or_twice_stays_as_it_is(stream):
    frames = stream(5, gaps=(1, 4))
    smoothed = list(Smoothing(3)(frames))
    for place in (0, 2, 3):
        np.testing.assert_allclose(
            points(smoothed[place : place + 1]), points(frames[place : place + 1]), atol=1e-4
        )


def test_holds_no_more_than_a_window(stream):
    taken = []

    def watched():
        for one in stream(60):
            taken.append(one.frame.index)
            yield one

    for count, _ in enumerate(Smoothing(3)(watched())):
        assert taken[-1] <= count + 3


def test_off_by_default(stream):
    frames = stream(9)
    assert list(Smoothing()(frames)) == frames


def test_two_faces_are_smoothed_apart_whatever_their_order(stream):
    alone = [stream(20), stream(20)]
    shifted = [
        Tracked(one.frame, (Landmarks(one.faces[0].five + np.float32([0, 150])),))
        for one in alone[1]
    ]
    both = [
        Tracked(one.frame, (one.faces + other.faces)[:: 1 if index % 3 else -1])
        for index, (one, other) in enumerate(zip(alone[0], shifted, strict=True))
    ]
    smoothed = list(Smoothing(3)(both))
    for index, (upper, lower) in enumerate(
        zip(Smoothing(3)(alone[0]), Smoothing(3)(shifted), strict=True)
    ):
        ours = smoothed[index].faces[:: 1 if index % 3 else -1]
        np.testing.assert_array_equal(ours[0].five, upper.faces[0].five)
        np.testing.assert_array_equal(ours[1].five, lower.faces[0].five)


def test_three_frames_are_enough_to_smooth(stream):
    """Not so by a parabola, which goes through any three points."""
    frames = stream(3)
    smoothed = points(list(Smoothing(half=1, order=2)(frames)))
    assert np.abs(smoothed[1] - points(frames)[1]).max() > 0.05
