"""Landmarks held still over time, so that the new face does not tremble."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float, Float32

from facsimile.faces.quality import eye_distance
from facsimile.rendering.track import Landmarks, Tracked


@dataclass(frozen=True)
class Smoothing:
    """Fit a polynomial to each landmark over the frames round each frame, and take its value there.

    Savitzky and Golay, "Smoothing and differentiation of data by simplified least squares
    procedures", 1964: without delay, since it looks both ways. Nothing is smoothed over a frame
    without a face, or where the face jumps: there the window ends, and the fit is one-sided.

    Args:
        half: Frames to either side, also the number that are held back; 0 smooths nothing.
        order: Of the polynomial: 1 follows even motion, 2 also even acceleration.
        jump: From one frame to the next, in eye distances: beyond it there was a cut.
    """

    half: int = 0
    order: int = 2
    jump: float = 0.25

    def __call__(self, tracked: Iterable[Tracked]) -> Iterator[Tracked]:
        """Yield the same frames with their landmarks smoothed, `half` of them behind.

        At most 2 half + 1 frames are held.
        """
        if self.half == 0:
            yield from tracked
            return
        held: deque[Tracked] = deque()  # those that are behind, and those that wait
        behind = 0
        for one in tracked:
            held.append(one)
            if len(held) - behind > self.half:
                yield self._smooth(held, behind)
                behind += 1
            if behind > self.half:
                held.popleft()
                behind -= 1
        for place in range(behind, len(held)):
            yield self._smooth(held, place)

    def _smooth(self, held: Sequence[Tracked], place: int) -> Tracked:
        one = held[place]
        return replace(one, faces=tuple(self._face(held, place, face) for face in one.faces))

    def _face(self, held: Sequence[Tracked], place: int, face: Landmarks) -> Landmarks:
        before = self._run(held, range(place - 1, max(place - self.half, 0) - 1, -1), face)
        after = self._run(held, range(place + 1, min(place + self.half + 1, len(held))), face)
        near = [*reversed(before), face, *after]
        five = _fitted(np.stack([each.five for each in near]), len(before), self.order)
        dense = [each.dense for each in near if each.dense is not None]
        if len(dense) < len(near):
            return replace(face, five=five)
        return Landmarks(five, _fitted(np.stack(dense), len(before), self.order))

    def _run(self, held: Sequence[Tracked], places: range, face: Landmarks) -> list[Landmarks]:
        """The same face in the next frames, until there is a jump or a gap."""
        found: list[Landmarks] = []
        for place in places:
            last = found[-1] if found else face
            near = min(held[place].faces, key=partial(_moved, last), default=None)
            if near is None or _moved(last, near) > self.jump:
                break
            found.append(near)
        return found


def _moved(one: Landmarks, other: Landmarks) -> float:
    """How far, in eye distances of the first."""
    moved = float(np.linalg.norm(one.five - other.five, axis=1).mean())
    return moved / eye_distance(one.five)


def _fitted(
    window: Float[np.ndarray, "t n 2"], place: int, order: int
) -> Float32[np.ndarray, "n 2"]:
    """The value at one frame of the polynomials nearest to all of them.

    Of an order that leaves half the frames over: through as few as it has coefficients, a
    polynomial would go exactly, and smooth nothing.
    """
    times = np.arange(len(window), dtype=np.float64) - place
    last = len(window) - 1
    powers = np.vander(times, min(order, max(1, last // 2), last) + 1, increasing=True)
    weights = np.linalg.pinv(powers)[0]
    return np.tensordot(weights, window.astype(np.float64), 1).astype(np.float32)
