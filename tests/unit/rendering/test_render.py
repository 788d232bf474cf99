from itertools import count

import numpy as np
import pytest

from facsimile.filters.colour.none import unchanged
from facsimile.media.video import Frame
from facsimile.rendering.look import Look
from facsimile.rendering.render import Renderer
from facsimile.rendering.track import Landmarks, Tracked


class Counting:
    """Paints every crop in a colour that counts them."""

    def __init__(self, mask: float | None = None) -> None:
        self.batches: list[int] = []
        self.mask = mask

    def __call__(self, crops: np.ndarray):
        start = sum(self.batches)
        self.batches.append(len(crops))
        levels = (start + np.arange(len(crops)) + 1) / 20
        faces = np.broadcast_to(levels[:, None, None, None], crops.shape).astype(np.float32)
        masks = None
        if self.mask is not None:
            masks = np.full(crops.shape[:3], self.mask, np.float32)
        return faces, masks


@pytest.fixture
def tracked(frame_image, landmarks_at):
    def make(number: int, without: tuple[int, ...] = ()) -> list[Tracked]:
        return [
            Tracked(
                Frame(i, i / 25, frame_image(i)),
                () if i in without else (Landmarks(landmarks_at(48 + i, 30)),),
            )
            for i in range(number)
        ]

    return make


def renderer(swapper, batch_size: int = 4) -> Renderer:
    return Renderer(swapper, 128, 1.6, Look(colour=unchanged), batch_size)


def test_each_face_goes_back_to_its_own_frame(tracked):
    swapper, frames = Counting(), tracked(7, without=(2,))
    results = list(renderer(swapper)(frames))
    assert len(results) == 7
    levels = count(1)
    for one, result in zip(frames, results, strict=True):
        if not one.faces:
            np.testing.assert_array_equal(result, one.frame.image)
        else:
            x, y = one.faces[0].five[2].round().astype(int)
            np.testing.assert_allclose(result[y, x], 255 * next(levels) / 20, atol=1)


def test_faces_are_swapped_in_batches(tracked):
    swapper = Counting()
    list(renderer(swapper, batch_size=4)(tracked(10, without=(1,))))
    assert swapper.batches == [3, 4, 2]


@pytest.mark.parametrize("batch_size", [1, 3, 50])
def test_the_batch_size_changes_nothing(batch_size, tracked):
    one = list(renderer(Counting(), 4)(tracked(9)))
    other = list(renderer(Counting(), batch_size)(tracked(9)))
    np.testing.assert_array_equal(one, other)


def test_frames_without_a_face_do_not_ask_the_net(tracked):
    swapper = Counting()
    frames = tracked(5, without=(0, 1, 2, 3, 4))
    for one, result in zip(frames, renderer(swapper)(frames), strict=True):
        np.testing.assert_array_equal(result, one.frame.image)
    assert swapper.batches == []


def test_little_is_taken_from_the_stream_beforehand(tracked):
    taken = []

    def stream():
        for one in tracked(40):
            taken.append(one.frame.index)
            yield one

    next(renderer(Counting(), batch_size=3)(stream()))
    assert len(taken) <= 12


def test_a_learned_mask_narrows_the_shape(tracked):
    frames = tracked(1)
    closed = next(renderer(Counting(mask=0.0))(frames))
    np.testing.assert_array_equal(closed, frames[0].frame.image)
    half, whole = next(renderer(Counting(mask=0.5))(frames)), next(renderer(Counting())(frames))
    x, y = frames[0].faces[0].five[2].round().astype(int)
    expected = (whole[y, x].astype(int) + frames[0].frame.image[y, x]) / 2
    np.testing.assert_allclose(half[y, x], expected, atol=1)


def test_every_face_of_a_frame_is_replaced(tracked, landmarks_at):
    frame = tracked(1)[0].frame
    places = [(28, 30), (72, 34)]
    both = Tracked(frame, tuple(Landmarks(landmarks_at(x, y)) for x, y in places))
    result = next(renderer(Counting())([both]))
    for number, (x, y) in enumerate(places, start=1):
        np.testing.assert_allclose(result[y, x], 255 * number / 20, atol=1)
